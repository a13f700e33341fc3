import { Session } from 'node:inspector';

/** Collects this thread's garbage now: a thread that has nothing to do would keep it until it works again. */
export function collectGarbage(): void {
  const session = new Session();
  session.connect();
  session.post('HeapProfiler.collectGarbage');
  session.disconnect();
}
