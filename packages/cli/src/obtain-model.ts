import { basename } from 'node:path';
import { type PullProgress, pull } from '@halyard/models';
import { formatBytes } from './terminal/format.js';
import { onInterrupt } from './terminal/interrupt.js';
import { progressBar } from './terminal/progress.js';

/** The path of a model, which is fetched first if need be, with a progress bar. Ctrl-C ends it. */
export async function obtainModel(name: string): Promise<string> {
  const interrupt = onInterrupt();
  const bar = progressBar();
  try {
    return await pull(name, {
      signal: interrupt.signal,
      onProgress: (progress) => bar.update(progress.receivedBytes, progress.totalBytes ?? 0, describe(progress)),
    });
  } finally {
    bar.end();
    interrupt.release();
  }
}

function describe({ phase, source, file, receivedBytes, totalBytes }: PullProgress): string {
  const amount = `${formatBytes(receivedBytes)}${totalBytes ? ` of ${formatBytes(totalBytes)}` : ''}`;
  const what = {
    download: `from ${source}`,
    unpack: `unpacking ${basename(file)}`,
    check: `checking ${basename(file)}`,
  };
  return `${amount}  ${what[phase]}`;
}
