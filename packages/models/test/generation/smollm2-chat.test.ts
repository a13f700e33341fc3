import { type FinishReason, LanguageModel } from '@halyard/models';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cpuDevice } from '../helpers/cpu-device.js';
import { realModel, withoutModels } from '../helpers/real-model.js';

const path = await realModel('smollm2');

describe.skipIf(withoutModels)('SmolLM2-135M-Instruct in conversation', () => {
  let model: LanguageModel;

  beforeAll(async () => {
    // In float32: of its first answer, the best two tokens are nearly tied otherwise.
    model = await LanguageModel.load(path, {
      ...cpuDevice,
      contextLength: 512,
      cacheType: 'float32',
      precision: { blockQuantized: 'float32' },
    });
  });
  afterAll(() => model?.close());

  test('answers in its own chat format, and ends the turn', async () => {
    let text = '';
    let finishReason: FinishReason | undefined;
    for await (const piece of model.generate('What is the capital of France?', { maxTokens: 100 })) {
      text += piece.text;
      finishReason = piece.finishReason;
    }
    expect(text).toContain('Paris');
    expect(finishReason).toBe('end');
  });
});
