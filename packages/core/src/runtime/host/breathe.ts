import { setImmediate } from 'node:timers/promises';

/** No longer at a stretch on the main thread. What cannot be interrupted comes on top. */
const stretchMs = 4;

let since = 0;

/**
 * Lets the event loop turn if it has been held for a while; to be called often in work that goes on for long.
 *
 * @internal
 */
export async function breathe(): Promise<void> {
  const now = performance.now();
  if (now - since < stretchMs) return;
  await setImmediate();
  // The first comes in the same turn where the call was made by input: only behind it had timers theirs.
  await setImmediate();
  since = performance.now();
}
