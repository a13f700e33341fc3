import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of this process that are in memory. */
export interface Resident {
  readonly total: number;
  /** Of its own, as opposed to pages of mapped files. `undefined` where the system does not tell. */
  readonly own: number | undefined;
}

/** After a garbage collection, so that only what is held counts. */
export function resident(): Resident {
  collectGarbage();
  return { total: process.memoryUsage.rss(), own: ownBytes() };
}

function ownBytes(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const line = readFileSync('/proc/self/status', 'utf8').match(/^RssAnon:\s+(\d+) kB$/m);
  return line ? Number(line[1]) * 1024 : undefined;
}
