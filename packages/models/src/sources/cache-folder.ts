import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where models are kept: `HALYARD_CACHE`, else the user's cache directory (`XDG_CACHE_HOME` or `~/.cache` on Linux,
 * `~/Library/Caches` on macOS, `%LOCALAPPDATA%` on Windows).
 */
export function cacheFolder(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const { HALYARD_CACHE: own, XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = environment;
  if (own) return own;
  if (platform === 'win32') return join(local || join(homedir(), 'AppData', 'Local'), 'halyard', 'cache');
  if (xdg) return join(xdg, 'halyard');
  return platform === 'darwin' ? join(homedir(), 'Library', 'Caches', 'halyard') : join(homedir(), '.cache', 'halyard');
}
