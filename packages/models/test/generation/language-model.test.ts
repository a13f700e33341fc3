import { type ChatMessage, type GeneratedToken, type GenerateOptions, LanguageModel } from '@halyard/models';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { type TinyDecoder, tinyVocabulary, writeTinyDecoder } from '../helpers/tiny-decoder.js';

const folder = temporaryFolder();
const template = "{% for message in messages %}{{ message['role'] + ':' + message['content'] + '|' }}{% endfor %}";
let tiny: TinyDecoder;
let model: LanguageModel;

beforeAll(async () => {
  tiny = await writeTinyDecoder(folder.join('tiny.gguf'), { architecture: 'llama', chatTemplate: template, seed: 5 });
  model = await load(64);
});
afterAll(() => model.close());

function load(contextLength: number): Promise<LanguageModel> {
  return LanguageModel.load(tiny.path, { device: 'reference', contextLength, cacheType: 'float32' });
}

async function collect(prompt: Parameters<LanguageModel['generate']>[0], options: GenerateOptions = {}, from = model) {
  const pieces: GeneratedToken[] = [];
  for await (const piece of from.generate(prompt, options)) pieces.push(piece);
  return {
    pieces,
    tokens: pieces.map(({ token }) => token),
    text: pieces.map(({ text }) => text).join(''),
    finishReason: pieces.at(-1)?.finishReason,
  };
}

/** What greedy generation gives by plain loops: each token from the whole sequence anew. */
function greedily(prompt: readonly number[], count: number): number[] {
  const sequence = [...prompt];
  for (let i = 0; i < count; i++) {
    const logits = tiny.forward(sequence).at(-1)!;
    sequence.push(logits.indexOf(Math.max(...logits)));
    if (sequence.at(-1) === tinyVocabulary.end) break;
  }
  return sequence.slice(prompt.length);
}

describe('greedy generation', () => {
  test.each([1, 3, 8, 9, 11, 33])('after a prompt of %i tokens equals plain loops', async (length) => {
    const prompt = Array.from({ length }, (_, i) => (i * 37 + 11) % 90);
    const { tokens } = await collect(Int32Array.from(prompt), { maxTokens: 10 });
    expect(tokens).toEqual(greedily(prompt, 10));
  });

  test('gives the same however many runs are submitted ahead', async () => {
    const prompt = Int32Array.of(5, 6, 7);
    const expected = (await collect(prompt, { maxTokens: 12, runsAhead: 0 })).tokens;
    for (const runsAhead of [1, 2, 5, 50]) {
      expect((await collect(prompt, { maxTokens: 12, runsAhead })).tokens).toEqual(expected);
    }
  });

  test('costs one dispatch, one run on the device and one read for each token', async () => {
    const { counters } = model.context.telemetry;
    const prompt = Int32Array.of(1, 2, 3, 4, 5);
    await collect(prompt, { maxTokens: 1 });
    const before = { ...counters };
    const { tokens } = await collect(prompt, { maxTokens: 20, runsAhead: 1 });
    expect(tokens).toHaveLength(20);
    expect(counters.dispatches - before.dispatches).toBe(20);
    expect(counters.runs - before.runs).toBe(20);
    expect(counters.reads - before.reads).toBe(20);
    // Three small writes tell the prompt; a token that follows needs none.
    expect(counters.writes - before.writes).toBe(3);
    expect(counters.tensors - before.tensors).toBe(0);
  });

  test('two generations at once do not disturb each other', async () => {
    const [a, b] = [Int32Array.of(1, 2, 3), Int32Array.of(60, 50, 40, 30)];
    const alone = [await collect(a, { maxTokens: 8 }), await collect(b, { maxTokens: 8 })];
    const together = await Promise.all([collect(a, { maxTokens: 8 }), collect(b, { maxTokens: 8 })]);
    expect(together.map(({ tokens }) => tokens)).toEqual(alone.map(({ tokens }) => tokens));
  });
});

describe('sampled generation', () => {
  const prompt = Int32Array.of(9, 8, 7);

  test('repeats itself under one seed, and not under another', async () => {
    const options = { maxTokens: 12, temperature: 5, topK: 0, topP: 1 };
    const first = await collect(prompt, { ...options, seed: 1 });
    expect((await collect(prompt, { ...options, seed: 1 })).tokens).toEqual(first.tokens);
    expect((await collect(prompt, { ...options, seed: 2 })).tokens).not.toEqual(first.tokens);
  });

  test('is greedy where top-p leaves but one token', async () => {
    const { tokens } = await collect(prompt, { maxTokens: 6, temperature: 0.5, topP: 1e-6, seed: 3 });
    expect(tokens).toEqual((await collect(prompt, { maxTokens: 6 })).tokens);
  });
});

describe('a generation ends', () => {
  test('after maxTokens', async () => {
    const { tokens, finishReason, pieces } = await collect(Int32Array.of(1), { maxTokens: 4 });
    expect(tokens).toHaveLength(4);
    expect(finishReason).toBe('length');
    expect(pieces.slice(0, -1).every((piece) => piece.finishReason === undefined)).toBe(true);
  });

  test('where the context is full, with a token that needs no place in it', async () => {
    const small = await load(12);
    const prompt = Array.from({ length: 10 }, (_, i) => i + 20);
    const { tokens, finishReason } = await collect(Int32Array.from(prompt), {}, small);
    expect(tokens).toEqual(greedily(prompt, 3));
    expect(finishReason).toBe('context-full');
    await small.close();
  });

  test('at a stop string, which is not given out', async () => {
    const prompt = Int32Array.of(1, 2, 3);
    const whole = (await collect(prompt, { maxTokens: 10 })).text;
    const stop = whole.slice(4, 6);
    const { text, finishReason } = await collect(prompt, { maxTokens: 10, stop });
    expect(text).toBe(whole.slice(0, whole.indexOf(stop)));
    expect(finishReason).toBe('stop');
  });

  test('at a token that ends the turn, of which nothing is in the text', async () => {
    const base = await writeTinyDecoder(folder.join('tiny-end.gguf'), { architecture: 'llama', seed: 5 });
    // The control token's embedding, with tied weights, decides how likely it is: look for a prompt that leads there.
    const ending = await LanguageModel.load(base.path, {
      device: 'reference',
      contextLength: 64,
      cacheType: 'float32',
    });
    for (let first = 0; first < 90; first++) {
      const { pieces, finishReason } = await collect(Int32Array.of(first), { maxTokens: 12 }, ending);
      if (finishReason !== 'end') continue;
      expect(pieces.at(-1)).toEqual({ token: tinyVocabulary.end, text: '', finishReason: 'end' });
      await ending.close();
      return;
    }
    throw new Error('No prompt led to the end token: choose another seed');
  });

  test('when its loop is left', async () => {
    for await (const { token } of model.generate(Int32Array.of(1), { maxTokens: 30 })) {
      expect(token).toBeGreaterThanOrEqual(0);
      break;
    }
    expect((await collect(Int32Array.of(1), { maxTokens: 3 })).tokens).toEqual(greedily([1], 3));
  });

  test('with a typed error once its signal is given, and the model goes on to work', async () => {
    const controller = new AbortController();
    const pieces: number[] = [];
    const ended = (async () => {
      for await (const { token } of model.generate(Int32Array.of(1), { signal: controller.signal })) {
        pieces.push(token);
        if (pieces.length === 3) controller.abort();
      }
    })();
    await expect(ended).rejects.toMatchObject({ code: 'aborted' });
    expect(pieces).toHaveLength(3);
    expect((await collect(Int32Array.of(1), { maxTokens: 3 })).tokens).toEqual(pieces);
  });

  test('before it begins, if its signal was given before', async () => {
    const ended = collect('x', { raw: true, signal: AbortSignal.abort() });
    await expect(ended).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('conversations', () => {
  test('go through the template of the file', async () => {
    const messages: ChatMessage[] = [{ role: 'user', content: 'hi' }];
    expect(await model.renderChat(messages)).toBe('user:hi|');
    const expected = await collect(await model.tokenize('user:hi|'), { maxTokens: 5 });
    expect((await collect(messages, { maxTokens: 5 })).tokens).toEqual(expected.tokens);
    expect((await collect('hi', { maxTokens: 5 })).tokens).toEqual(expected.tokens);
    expect((await collect('user:hi|', { maxTokens: 5, raw: true })).tokens).toEqual(expected.tokens);
  });

  test('run again only what is new, and answer as if all had been run', async () => {
    const chat = model.chat();
    let text = '';
    for await (const piece of chat.send('th', { maxTokens: 4 })) text += piece.text;
    expect(chat.messages).toEqual([
      { role: 'user', content: 'th' },
      { role: 'assistant', content: text },
    ]);
    const answer: number[] = [];
    for await (const { token } of chat.send('x', { maxTokens: 4 })) answer.push(token);
    const { promptTokens, evaluatedTokens } = model.statistics;
    expect(evaluatedTokens).toBeLessThan(promptTokens);
    const conversation: ChatMessage[] = [...chat.messages.slice(0, 2), { role: 'user', content: 'x' }];
    const anew = await collect(conversation, { maxTokens: 4, reuseCache: false });
    expect(model.statistics.evaluatedTokens).toBe(promptTokens);
    expect(answer).toEqual(anew.tokens);
  });
});

describe('statistics', () => {
  test('tell tokens and speed of the last generation', async () => {
    await collect(Int32Array.of(1, 2, 3), { maxTokens: 6 });
    const { promptTokens, tokens, prefillTokensPerSecond, prefillSeconds, decodeTokensPerSecond, decodeSeconds } =
      model.statistics;
    expect({ promptTokens, tokens }).toEqual({ promptTokens: 3, tokens: 6 });
    expect(prefillTokensPerSecond).toBeCloseTo(3 / prefillSeconds, 6);
    expect(decodeTokensPerSecond).toBeCloseTo(5 / decodeSeconds, 6);
  });
});

describe('bad input is a typed error', () => {
  test.each<[string, Parameters<LanguageModel['generate']>, string]>([
    ['an empty prompt', ['', { raw: true }], 'bad-argument'],
    ['foreign tokens', [Int32Array.of(tinyVocabulary.size)], 'bad-argument'],
    ['a prompt that is too long', [new Int32Array(65)], 'bad-argument'],
    ['a temperature below 0', ['x', { temperature: -1 }], 'bad-argument'],
    ['no tokens wanted', ['x', { maxTokens: 0 }], 'bad-argument'],
  ])('%s', async (_, [prompt, options], code) => {
    await expect(collect(prompt, options)).rejects.toMatchObject({ code });
  });

  test('a context longer than the model was trained for', async () => {
    await expect(load(100_000)).rejects.toMatchObject({ code: 'bad-argument' });
  });

  test('a conversation with a model that states no template', async () => {
    const plain = await writeTinyDecoder(folder.join('plain.gguf'), { architecture: 'llama' });
    const without = await LanguageModel.load(plain.path, { device: 'reference', contextLength: 16 });
    await expect(collect('hi', {}, without)).rejects.toMatchObject({ code: 'unsupported' });
    await without.close();
  });

  test('a budget that the weights exceed', async () => {
    const { path } = await writeTinyDecoder(folder.join('large.gguf'), { architecture: 'llama' });
    const loading = LanguageModel.load(path, { device: 'reference', contextLength: 64, memoryBudget: 10_000 });
    await expect(loading).rejects.toMatchObject({ code: 'out-of-memory' });
  });

  test('a model that was closed, also in the middle of an answer', async () => {
    const closing = await load(64);
    let tokens = 0;
    const answer = (async () => {
      for await (const _ of closing.generate(Int32Array.of(1), { maxTokens: 60 })) {
        if (++tokens === 3) void closing.close();
      }
    })();
    await expect(answer).rejects.toMatchObject({ code: 'destroyed' });
    expect(tokens).toBeLessThan(60);
    await expect(collect('x', {}, closing)).rejects.toMatchObject({ code: 'destroyed' });
    await closing.close();
  });
});
