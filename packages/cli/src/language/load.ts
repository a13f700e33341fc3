import { LanguageModel } from '@halyard/models';
import { obtainModel } from '../obtain-model.js';
import type { DeviceOptions } from '../options.js';
import { progressBar } from '../terminal/progress.js';

/** What `run` takes on the command line. */
export interface LanguageOptions extends DeviceOptions {
  readonly prompt?: string;
  readonly raw?: true;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly json?: true;
}

/** Fetches a language model if need be, and loads it. */
export async function loadLanguageModel(name: string, options: DeviceOptions): Promise<LanguageModel> {
  const path = await obtainModel(name);
  const bar = progressBar();
  try {
    return await LanguageModel.load(path, {
      ...(options.device !== undefined && { device: options.device }),
      ...(options.threads !== undefined && { threads: options.threads }),
      onProgress: ({ phase }) => {
        if (phase === 'read') bar.update(0, 2, 'reading the model');
        if (phase === 'compile') bar.update(1, 2, 'compiling its graph');
      },
    });
  } finally {
    bar.end();
  }
}

/** Those of the command line's options that the generation itself takes. */
export function generationOptions(options: LanguageOptions) {
  const { raw, maxTokens, temperature, topK, topP, seed } = options;
  return {
    ...(raw !== undefined && { raw }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topK !== undefined && { topK }),
    ...(topP !== undefined && { topP }),
    ...(seed !== undefined && { seed }),
  };
}
