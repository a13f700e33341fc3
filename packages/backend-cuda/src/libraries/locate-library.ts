import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { posixFolders } from './posix-folders.js';
import { windowsFolders } from './windows-folders.js';

const foldersOfTheSystem = process.platform === 'win32' ? windowsFolders : posixFolders;

/** A library of NVIDIA's, as it is packaged. */
export interface LibraryNames {
  /** A file or folder that the user has named: then nothing else is looked for. */
  readonly given: string | undefined;
  /** Of the library itself. */
  readonly fileName: RegExp;
  /** What the loader may find by itself; newest first. */
  readonly bareNames: readonly string[];
  /** Where pip's packages have it, below `nvidia`. */
  readonly pipFolders: readonly string[];
}

/**
 * Files that may be a library, and names for the loader to look up: in `CUDA_HOME` and `CUDA_PATH`, in the toolkit's usual
 * folders, beside the active Python and conda environments, in pip's folders of the user and the system. None of them has
 * been loaded.
 */
export async function locateLibrary(
  { given, fileName, bareNames, pipFolders }: LibraryNames,
  environment: NodeJS.ProcessEnv,
): Promise<string[]> {
  if (given) {
    const isFile = fileName.test(given.split(/[\\/]/).at(-1)!) || !existsSync(given);
    return isFile ? [given] : librariesIn([given], fileName);
  }
  return [...(await librariesIn(foldersOfTheSystem(environment, pipFolders), fileName)), ...bareNames];
}

/** The libraries in folders whose parts may end in `*`: of each major version one, under its shortest name. */
async function librariesIn(patterns: readonly string[], fileName: RegExp): Promise<string[]> {
  const found: string[] = [];
  for (const pattern of new Set(patterns)) {
    for (const folder of await expand(pattern)) {
      const names = (await readdir(folder).catch(() => [])).filter((name) => fileName.test(name)).sort();
      // `libnvrtc.so`, `libnvrtc.so.12` and `libnvrtc.so.12.9.86` are one and the same.
      const versioned = names.filter((name) => !name.endsWith('.so'));
      const byMajor = new Map(versioned.reverse().map((name) => [majorOf(name), name]));
      found.push(...(byMajor.size > 0 ? [...byMajor.values()] : names).map((name) => join(folder, name)));
    }
  }
  return [...new Set(found)];
}

/** `12` of `libnvrtc.so.12.9.86`; on Windows the whole number: `120` of `nvrtc64_120_0.dll`. */
const majorOf = (name: string): string => /\d+/.exec(name.replace(/^[A-Za-z]+64/, ''))![0];

async function expand(pattern: string): Promise<string[]> {
  const at = pattern.split(/[\\/]/).findIndex((part) => part.includes('*'));
  if (at < 0) return [pattern];
  const parts = pattern.split(/[\\/]/);
  const base = parts.slice(0, at).join('/') || '/';
  const prefix = parts[at]!.slice(0, parts[at]!.indexOf('*'));
  const rest = parts.slice(at + 1).join('/');
  const names = (await readdir(base).catch(() => [])).filter((name) => name.startsWith(prefix)).sort();
  const expanded = await Promise.all(names.reverse().map((name) => expand(join(base, name, rest))));
  return expanded.flat();
}
