/** How long one slice may hold the event loop. */
const sliceMs = 8;

/** Runs work to its end, giving the event loop to others whenever a slice of time has passed. */
export async function runInSlices(work: Iterator<void>): Promise<void> {
  let start = performance.now();
  while (!work.next().done) {
    if (performance.now() - start < sliceMs) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    start = performance.now();
  }
}
