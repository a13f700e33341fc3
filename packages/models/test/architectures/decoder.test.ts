import { LanguageModel, type LoadOptions } from '@halyard/models';
import { describe, expect, test } from 'vitest';
import { cpuDevice } from '../helpers/cpu-device.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { type TinyDecoderOptions, writeTinyDecoder } from '../helpers/tiny-decoder.js';
import type { WeightType } from '../helpers/weight-formats.js';

const devices = [{ device: 'reference' }, cpuDevice];
const folder = temporaryFolder();
const tokens = Int32Array.of(3, 41, 59, 26, 53, 58, 97, 9, 3, 23, 84);

/** The greatest difference between the model's logits and those of the plain loops. */
async function greatestDifference(
  device: Pick<LoadOptions, 'device' | 'backends'>,
  options: TinyDecoderOptions,
  cacheType: 'float32' | 'float16',
): Promise<number> {
  const tiny = await writeTinyDecoder(folder.join(`${JSON.stringify(options).replaceAll(/\W+/g, '-')}.gguf`), options);
  const model = await LanguageModel.load(tiny.path, {
    ...device,
    precision: { blockQuantized: 'float32' },
    cacheType,
    contextLength: 32,
  });
  const logits = await model.logits(tokens);
  await model.close();
  const expected = tiny.forward([...tokens]).flat();
  expect(logits).toHaveLength(expected.length);
  return expected.reduce((greatest, value, i) => Math.max(greatest, Math.abs(value - logits[i]!)), 0);
}

describe.each(devices)('the logits of a small random decoder on $device equal those of plain loops', (device) => {
  // Logits reach 30; float32 rounds some hundred sums of a few hundred terms.
  const tolerance = 2e-4;

  test.each<[string, TinyDecoderOptions]>([
    ['llama', { architecture: 'llama' }],
    ['llama with a head of its own', { architecture: 'llama', tied: false }],
    ['llama with scaled rotary frequencies', { architecture: 'llama', rotaryFactors: true }],
    ['qwen2', { architecture: 'qwen2' }],
  ])('%s', async (_, options) => {
    expect(await greatestDifference(device, options, 'float32')).toBeLessThan(tolerance);
  });

  test.each<WeightType>(['float16', 'bfloat16', 'q8_0', 'q4_0', 'q4_1', 'q4_k', 'q6_k'])(
    'weights as %s',
    async (type) => {
      expect(await greatestDifference(device, { architecture: 'llama', type }, 'float32')).toBeLessThan(tolerance);
    },
  );

  test('within what a cache of float16 rounds', async () => {
    const difference = await greatestDifference(device, { architecture: 'llama' }, 'float16');
    expect(difference).toBeLessThan(0.06);
    expect(difference).toBeGreaterThan(tolerance);
  });
});
