import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HalyardError } from '@halyard/core';
import { cacheFolder } from '../toolkit/cache-folder.js';

/**
 * A copy of a shared library in which some symbols have another name, so that the loader does not find them: names are
 * looked up by their hash, which stays that of the old name. Kept in the user's cache folder.
 *
 * @throws HalyardError `bad-argument` for a symbol that the library does not have
 */
export function libraryWithoutSymbols(library: string, symbols: readonly string[]): string {
  const content = readFileSync(library);
  const hash = createHash('sha256').update(content).update(JSON.stringify(symbols)).digest('hex');
  const folder = join(cacheFolder(), 'simulator', hash.slice(0, 16));
  const path = join(folder, 'libcuda.so.1');
  if (existsSync(path)) return path;
  for (const symbol of symbols) rename(content, symbol);
  mkdirSync(folder, { recursive: true });
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, content, { mode: 0o755 });
  renameSync(aside, path);
  return path;
}

/** Everywhere it stands as a string of its own: for the loader, and for the library's own table. */
function rename(content: Buffer, symbol: string): void {
  const wanted = Buffer.from(`\0${symbol}\0`, 'latin1');
  let found = 0;
  for (let at = content.indexOf(wanted); at >= 0; at = content.indexOf(wanted, at + 1)) {
    content.write('X', at + 1, 'latin1');
    found++;
  }
  if (found > 0) return;
  throw new HalyardError('bad-argument', {
    found: `no symbol ${symbol} in the stand-in driver`,
    expected: 'a function that it has, by the name of its symbol',
    remedy: 'Look the name up in native/driver/api/functions.def: most end in a version, as cuMemAlloc_v2',
  });
}
