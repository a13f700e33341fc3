import { type Outcome, runProcess } from './run-process.js';

const pythons = ['python3', 'python'];

/** Runs pip of the first Python that there is; undefined where there is none. */
export async function runPip(...parameters: readonly string[]): Promise<(Outcome & { python: string }) | undefined> {
  for (const python of pythons) {
    const outcome = await runProcess(python, ['-m', 'pip', ...parameters]).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (outcome) return { ...outcome, python };
  }
  return undefined;
}
