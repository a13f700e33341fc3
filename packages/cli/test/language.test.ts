import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../models/test/helpers/temporary-folder.js';
import { writeTinyDecoder } from '../../models/test/helpers/tiny-decoder.js';
import { halyard } from './halyard.js';

const folder = temporaryFolder();
const template = '{% for message in messages %}{{ message.content }}{% endfor %}:';
const here = ['--device', 'reference'];
let model = '';

beforeAll(async () => {
  const options = { architecture: 'llama', chatTemplate: template } as const;
  model = (await writeTinyDecoder(folder.join('tiny.gguf'), options)).path;
});

/** The one object that `run --json` prints. */
async function answer(...args: readonly string[]) {
  const { code, output, notes } = await halyard(['run', model, ...here, '--json', ...args]);
  expect({ code, notes, lines: output.split('\n').length }).toEqual({ code: 0, notes: '', lines: 2 });
  return JSON.parse(output);
}

describe('run with a prompt', () => {
  test('prints one object with the answer, its counts and its speed', async () => {
    expect(await answer('--prompt', 'th rope', '--raw', '--max-tokens', '6', '--temperature', '0')).toEqual({
      promptTokens: 6,
      tokens: 6,
      text: expect.any(String),
      prefillTokensPerSecond: expect.any(Number),
      decodeTokensPerSecond: expect.any(Number),
      device: 'reference',
    });
  });

  test('gives the text on standard output, and how fast it was on standard error', async () => {
    const greedy = ['--prompt', 'th rope', '--raw', '--max-tokens', '6', '--temperature', '0'];
    const { code, output, notes } = await halyard(['run', model, ...here, ...greedy]);
    expect({ code, output }).toEqual({ code: 0, output: `${(await answer(...greedy)).text}\n` });
    expect(notes).toMatch(/^6 \+ 6 tokens, prompt \d+ tokens\/s, answer \d+ tokens\/s, on reference$/m);
  });

  test('puts it into the chat template, unless it is raw', async () => {
    const { promptTokens } = await answer('--prompt', 'rope', '--max-tokens', '2');
    expect(promptTokens).toBe('rope:'.length);
    expect((await answer('--prompt', 'rope', '--raw', '--max-tokens', '2')).promptTokens).toBe('rope'.length);
  });

  test('samples by temperature, top-k, top-p and seed', async () => {
    const sample = async (...args: readonly string[]) =>
      (await answer('--prompt', 'rope', '--raw', '--max-tokens', '12', '--temperature', '2', ...args)).text;
    const [first, again, other, greedy, likeliest, surest] = await Promise.all([
      sample('--seed', '1'),
      sample('--seed', '1'),
      sample('--seed', '2'),
      sample('--temperature', '0'),
      sample('--seed', '1', '--top-k', '1'),
      sample('--seed', '1', '--top-p', '0.000001'),
    ]);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(first).not.toBe(greedy);
    expect([likeliest, surest]).toEqual([greedy, greedy]);
  });
});

describe('run without a prompt is a chat', () => {
  test('that answers line by line, begins anew with /clear and ends with /exit', async () => {
    const settings = ['--max-tokens', '4', '--temperature', '0'];
    const input = ['rope', '', '/clear', 'rope', '/exit', 'sail'].join('\n');
    const { code, output, notes } = await halyard(['run', model, ...here, ...settings], { input });
    const { text } = await answer('--prompt', 'rope', ...settings);
    expect({ code, output }).toEqual({ code: 0, output: `${text}\n${text}\n` });
    expect(notes.match(/tokens\/s/g)).toHaveLength(4);
  });

  test('that remembers what was said, until its input ends', async () => {
    const settings = ['--max-tokens', '4', '--temperature', '0'];
    const { notes } = await halyard(['run', model, ...here, ...settings], { input: 'rope\nsail\n' });
    const prompts = [...notes.matchAll(/(\d+) \+ 4 tokens/g)].map(([, tokens]) => Number(tokens));
    expect(prompts).toHaveLength(2);
    expect(prompts[1]).toBeGreaterThan(prompts[0]! + 4);
  });

  test('that says of a model without a template what to do', async () => {
    const plain = await writeTinyDecoder(folder.join('plain.gguf'), { architecture: 'llama' });
    const { code, output, notes } = await halyard(['run', plain.path, ...here], { input: 'rope\n' });
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(notes).toMatch(/^Remedy: .*--raw/m);
  });
});

describe('explain', () => {
  test('says what was fused, planned and chosen, as text and as one object', async () => {
    const { code, output } = await halyard(['explain', model, ...here]);
    expect(code).toBe(0);
    expect(output).toMatch(/^Fusion +\d+ operators → \d+ steps before fusion → \d+ after$/m);
    expect(output).toMatch(/^Memory +.* planned; .* without a plan, .* at least \(\d\.\d\d×\)$/m);
    const explanation = JSON.parse((await halyard(['explain', model, ...here, '--json'])).output);
    expect(explanation.stepsAfterFusion).toBe(explanation.steps.length);
    expect(explanation.stepsAfterFusion).toBeLessThan(explanation.stepsBeforeFusion);
    expect(explanation.memory.plannedBytes).toBeGreaterThanOrEqual(explanation.memory.lowerBoundBytes);
  });
});
