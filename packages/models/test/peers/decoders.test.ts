import { join } from 'node:path';
import { LanguageModel } from '@halyard/models';
import { describe, expect, test } from 'vitest';
import { cpuDevice } from '../helpers/cpu-device.js';
import { fixture } from '../helpers/fixture.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { type TinyDecoder, type TinyDecoderOptions, writeTinyDecoder } from '../helpers/tiny-decoder.js';
import { folderForPeers, sha256 } from '../helpers/written-model.js';

interface Recorded {
  readonly tokens: readonly number[];
  readonly models: readonly {
    readonly file: string;
    readonly sha256: string;
    /** Of the last positions. */
    readonly logits: readonly (readonly number[])[];
  }[];
}

/** Four heads over two of keys and values, each. */
const exact: Record<string, TinyDecoderOptions> = {
  llama: { architecture: 'llama' },
  llama3: { architecture: 'llama', tied: false, rotaryFactors: true },
  qwen2: { architecture: 'qwen2' },
};
/** llama.cpp rounds activations before it multiplies them with such weights: to 8 bits, or to the weights' own type. */
const rounded: Record<string, TinyDecoderOptions> = Object.fromEntries(
  (['float16', 'bfloat16', 'q8_0', 'q4_0', 'q4_1', 'q4_k', 'q6_k'] as const).map((type) => [
    type,
    { architecture: 'llama', type },
  ]),
);

const folder = temporaryFolder();
const path = (name: string) => join(folderForPeers ?? folder.path, `decoder-${name}.gguf`);

test.runIf(folderForPeers !== undefined).each(Object.entries({ ...exact, ...rounded }))(
  '%s is written for llama.cpp',
  async (name, options) => void (await writeTinyDecoder(path(name), options)),
);

describe.skipIf(folderForPeers !== undefined)('of a small random decoder, llama.cpp gives the same logits', () => {
  /** The model, what llama.cpp gave for it, and the tokens that it was given. */
  async function prepare(name: string, options: TinyDecoderOptions) {
    const decoder = await writeTinyDecoder(path(name), options);
    const { tokens, models } = await fixture<Recorded>('logits-small-decoders');
    const recorded = models.find(({ file }) => file === `decoder-${name}.gguf`);
    expect(await sha256(decoder.path), 'the file that was recorded').toBe(recorded?.sha256);
    return { decoder, tokens, logits: recorded!.logits.flat() };
  }

  async function onCpu({ path }: TinyDecoder, tokens: readonly number[], count: number): Promise<Float32Array> {
    const model = await LanguageModel.load(path, {
      ...cpuDevice,
      precision: { blockQuantized: 'float32' },
      cacheType: 'float32',
      contextLength: 64,
    });
    const logits = await model.logits(Int32Array.from(tokens));
    await model.close();
    return logits.slice(-count);
  }

  /** The root of the mean square of the differences, by that of the logits. */
  function difference(found: ArrayLike<number>, expected: readonly number[]): number {
    expect(found).toHaveLength(expected.length);
    const squares = (values: readonly number[]) => values.reduce((sum, value) => sum + value * value, 0);
    return Math.sqrt(squares(expected.map((value, i) => found[i]! - value)) / squares(expected));
  }

  test.each(Object.entries(exact))('%s, as do plain loops', async (name, options) => {
    const { decoder, tokens, logits } = await prepare(name, options);
    const rows = decoder.forward([...tokens]).flat();
    expect(difference(rows.slice(-logits.length), logits)).toBeLessThan(2e-6);
    expect(difference(await onCpu(decoder, tokens, logits.length), logits)).toBeLessThan(2e-6);
  });

  test.each(Object.entries(rounded))('weights as %s, but for what it rounds', async (name, options) => {
    const { decoder, tokens, logits } = await prepare(name, options);
    expect(difference(await onCpu(decoder, tokens, logits.length), logits)).toBeLessThan(0.03);
  });
});
