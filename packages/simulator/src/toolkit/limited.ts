import { availableParallelism } from 'node:os';

let running = 0;
const waiting: (() => void)[] = [];

/** Runs as many at a time as there are processors; the rest wait for their turn. */
export async function limited<T>(work: () => Promise<T>): Promise<T> {
  if (running < availableParallelism()) running++;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    // The place is handed on, not given back and taken again.
    if (next) next();
    else running--;
  }
}
