import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { applicationFolders } from './environment.js';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * The URL of a package (or of a file, named by a path or `file:` URL), as the application sees it or else as core
 * does; undefined if it is not installed.
 */
export function resolveModule(specifier: string): string | undefined {
  if (specifier.startsWith('file:')) return existsSync(new URL(specifier)) ? specifier : undefined;
  const folders = applicationFolders();
  if (isAbsolute(specifier) || specifier.startsWith('./') || specifier.startsWith('../')) {
    const path = folders.map((folder) => resolve(folder, specifier)).find((candidate) => existsSync(candidate));
    return path && pathToFileURL(path).href;
  }
  for (const folder of [...folders, here]) {
    const path = resolveFrom(specifier, folder);
    if (path) return pathToFileURL(path).href;
  }
  return undefined;
}

function resolveFrom(specifier: string, folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'package.json')).resolve(specifier);
  } catch (error) {
    // A package for `import` alone cannot be resolved by `require`.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') return undefined;
  }
  for (let at = folder; dirname(at) !== at; at = dirname(at)) {
    const root = join(at, 'node_modules', specifier);
    if (!existsSync(join(root, 'package.json'))) continue;
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports?: unknown };
    const entry = importEntry(exports);
    return entry && join(root, entry);
  }
  return undefined;
}

function importEntry(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (typeof exports !== 'object' || exports === null) return undefined;
  const conditions = exports as Record<string, unknown>;
  return importEntry(conditions['.'] ?? conditions.node ?? conditions.import ?? conditions.default);
}
