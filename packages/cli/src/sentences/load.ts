import { SentenceEncoder } from '@halyard/models';
import { obtainModel } from '../obtain-model.js';
import type { DeviceOptions } from '../options.js';
import { progressBar } from '../terminal/progress.js';

/** Fetches a sentence encoder if need be, and loads it. */
export async function loadSentenceEncoder(name: string, options: DeviceOptions): Promise<SentenceEncoder> {
  const path = await obtainModel(name);
  const bar = progressBar();
  try {
    bar.update(0, 1, 'reading the model');
    return await SentenceEncoder.load(path, {
      ...(options.device !== undefined && { device: options.device }),
      ...(options.threads !== undefined && { threads: options.threads }),
    });
  } finally {
    bar.end();
  }
}
