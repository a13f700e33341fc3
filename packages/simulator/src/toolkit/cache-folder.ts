import { homedir } from 'node:os';
import { join } from 'node:path';

/** `halyard` in the user's cache directory: `HALYARD_CACHE`, else `$XDG_CACHE_HOME/halyard`, else `~/.cache/halyard`. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { HALYARD_CACHE: given, XDG_CACHE_HOME: cache } = environment;
  return given || join(cache || join(homedir(), '.cache'), 'halyard');
}
