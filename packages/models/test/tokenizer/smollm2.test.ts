import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TokenTextDecoder } from '../../src/tokenizer/text-decoder.js';
import { ModelWorker } from '../../src/worker/client.js';
import type { OpenedModel } from '../../src/worker/protocol.js';
import { fixture } from '../helpers/fixture.js';
import { realModel, withoutModels } from '../helpers/real-model.js';

interface Recorded {
  readonly texts: readonly { text: string; tokens: readonly number[] }[];
}

const path = await realModel('smollm2');
const { texts } = await fixture<Recorded>('tokens-smollm2');

describe.skipIf(withoutModels)("SmolLM2's tokenizer, built from its GGUF", () => {
  const worker = new ModelWorker();
  let model: OpenedModel;

  beforeAll(async () => {
    model = await worker.call('open', path);
  });
  afterAll(() => worker.close());

  test.each(texts)("gives llama.cpp's token ids for $text", async ({ text, tokens }) => {
    expect([...(await worker.call('encode', text, false))]).toEqual(tokens);
  });

  test.each(texts)('gives $text back from them, token by token', ({ text, tokens }) => {
    const decoder = new TokenTextDecoder(model.tokens, { special: true });
    const pieces = tokens.map((token) => decoder.push(token));
    expect(pieces.join('') + decoder.end()).toBe(text);
    for (const piece of pieces) expect(piece).not.toContain('\ufffd');
  });

  test('knows the tokens that end an answer', () => {
    const decoder = new TokenTextDecoder(model.tokens, { special: true });
    expect(model.special.endsOfGeneration.map((token) => decoder.push(token))).toEqual(['<|endoftext|>', '<|im_end|>']);
  });

  test("renders the file's chat template", async () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ];
    expect(await worker.call('renderChat', messages, true)).toBe(
      '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n',
    );
  });

  test('is read without holding the event loop', async () => {
    const holds: number[] = [];
    // What holds it always shows in each try; what other processes do to this one does not.
    for (let attempt = 0; attempt < 4; attempt++) holds.push(await longestHold(() => worker.call('open', path)));
    expect(Math.min(...holds)).toBeLessThan(20);
  });
});

/** For how many milliseconds at most the event loop did not turn. */
async function longestHold(work: () => Promise<unknown>): Promise<number> {
  const tickMs = 2;
  let longest = 0;
  let last = performance.now();
  const turn = () => {
    longest = Math.max(longest, performance.now() - last - tickMs);
    last = performance.now();
  };
  const watch = setInterval(turn, tickMs);
  await work();
  turn();
  clearInterval(watch);
  return longest;
}
