import { SentenceEncoder } from '@halyard/models';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { writeTinyDecoder } from '../helpers/tiny-decoder.js';
import { writeTinyEncoder } from '../helpers/tiny-encoder.js';

const folder = temporaryFolder();
const load = (path: string) => SentenceEncoder.load(path, { device: 'reference' });
const texts = ['The sails, a rope.', 'hoisting', '', 'a a a a a a a a a a a a a a a a a a a a', 'Rope unknownword'];
const tokens = [
  [2, 7, 4, 5, 11, 8, 6, 12, 3],
  [2, 9, 10, 3],
  [2, 3],
  [2, ...new Array<number>(20).fill(8), 3],
  [2, 6, 1, 3],
];

function expectClose(found: Float32Array, expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 5);
}

describe('sentence embeddings of a small random encoder', () => {
  test.each(['', 'bert.'])(
    'equal those of plain loops, texts of all lengths at once (names begin with "%s")',
    async (prefix) => {
      const tiny = await writeTinyEncoder(folder.join(`tiny-${prefix}`), { prefix });
      const encoder = await load(tiny.path);
      const vectors = await encoder.embed(texts);
      expect(vectors).toHaveLength(texts.length);
      vectors.forEach((vector, text) => {
        const expected = tiny.embed(tokens[text]!);
        expect(encoder.dimensions).toBe(expected.length);
        expectClose(vector, expected);
      });
      await encoder.close();
    },
  );

  test('a text that is too long is cut, its end mark kept', async () => {
    const tiny = await writeTinyEncoder(folder.join('long'));
    const encoder = await load(tiny.path);
    expect(encoder.maximumTokens).toBe(40);
    const [vector] = await encoder.embed([new Array<string>(100).fill('rope').join(' ')]);
    const expected = tiny.embed([2, ...new Array<number>(38).fill(6), 3]);
    expectClose(vector!, expected);
    await encoder.close();
  });

  test('no texts give no vectors', async () => {
    const encoder = await load((await writeTinyEncoder(folder.join('none'))).path);
    expect(await encoder.embed([])).toEqual([]);
    await encoder.close();
  });

  test('an abort signal and closing end in typed errors', async () => {
    const encoder = await load((await writeTinyEncoder(folder.join('ends'))).path);
    await expect(encoder.embed(['a'], { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    await encoder.close();
    await expect(encoder.embed(['a'])).rejects.toMatchObject({ code: 'destroyed' });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['another architecture', { model_type: 'roberta' }, 'unsupported'],
    ['another activation', { hidden_act: 'relu' }, 'unsupported'],
    ['sizes that do not fit the tensors', { hidden_size: 64 }, 'bad-file'],
    ['heads that do not divide the size', { num_attention_heads: 5 }, 'bad-file'],
    ['no sizes', { num_hidden_layers: 'six' }, 'bad-file'],
  ])('%s is a typed error', async (name, config, code) => {
    const { path } = await writeTinyEncoder(folder.join(name.replaceAll(' ', '-')), { config });
    const outcome = (async () => {
      const encoder = await load(path);
      await encoder.embed(['a']).finally(() => encoder.close());
    })();
    await expect(outcome).rejects.toMatchObject({ code });
  });

  test('a language model is refused', async () => {
    const { path } = await writeTinyDecoder(folder.join('decoder.gguf'), { architecture: 'llama' });
    await expect(load(path)).rejects.toMatchObject({ code: 'unsupported' });
  });
});
