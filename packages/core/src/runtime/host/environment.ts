import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** A variable of the environment; an empty one counts as not set. */
export function environmentVariable(name: string): string | undefined {
  return process.env[name] || undefined;
}

/** Where the running program is: the folder of its main script, and the one it was started in. */
export function applicationFolders(): string[] {
  const script = process.argv[1];
  return [...new Set([...(script ? [dirname(script)] : []), process.cwd()])];
}

/** The nearest package.json at or above a folder, parsed; undefined if there is none that parses. */
export function nearestManifest(folder: string): { readonly path: string; readonly content: unknown } | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, 'package.json');
    try {
      return { path, content: JSON.parse(readFileSync(path, 'utf8')) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return undefined;
    }
    if (dirname(at) === at) return undefined;
  }
}

/** `halyard` in the user's cache directory, by the custom of the platform; `HALYARD_CACHE` overrides. */
export function cacheFolder(): string {
  const given = environmentVariable('HALYARD_CACHE');
  if (given) return given;
  if (process.platform === 'win32') {
    return join(environmentVariable('LOCALAPPDATA') ?? join(homedir(), 'AppData', 'Local'), 'halyard', 'cache');
  }
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'halyard');
  return join(environmentVariable('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'halyard');
}

/** A file of the cache as text; undefined if it is not there. */
export function cachedText(name: string): string | undefined {
  try {
    return readFileSync(join(cacheFolder(), name), 'utf8');
  } catch {
    return undefined;
  }
}
