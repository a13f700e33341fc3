import { setTimeout as pause } from 'node:timers/promises';
import { median } from './statistics.js';

/**
 * Median seconds of one run, over at least `milliseconds` and three runs. It begins with a pause, in which the threads
 * of whoever ran before stop spinning.
 */
export async function paceOf(run: () => Promise<unknown>, milliseconds: number): Promise<number> {
  await pause(20);
  await run();
  const seconds: number[] = [];
  const end = performance.now() + milliseconds;
  while (seconds.length < 3 || performance.now() < end) {
    const started = performance.now();
    await run();
    seconds.push((performance.now() - started) / 1000);
  }
  return median(seconds);
}
