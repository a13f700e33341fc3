import { Session } from 'node:inspector';

/**
 * Collects this thread's garbage now: a thread that has nothing to do would keep it until it works again.
 *
 * @internal
 */
export async function collectGarbage(): Promise<void> {
  const session = new Session();
  session.connect();
  await new Promise((resolve) => session.post('HeapProfiler.collectGarbage', resolve));
  session.disconnect();
}
