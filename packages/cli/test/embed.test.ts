import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../models/test/helpers/temporary-folder.js';
import { type TinyEncoder, writeTinyEncoder } from '../../models/test/helpers/tiny-encoder.js';
import { halyard } from './halyard.js';

const folder = temporaryFolder();
let encoder: TinyEncoder;

beforeAll(async () => {
  encoder = await writeTinyEncoder(folder.join('encoder'));
});

/** [CLS] the rope [SEP], [CLS] a sail [SEP]. */
const texts = ['the rope', 'a sail'];
const tokens = [
  [2, 7, 6, 3],
  [2, 8, 4, 3],
];

describe('embed', () => {
  test('prints one array of texts with their embeddings', async () => {
    const { code, output, notes } = await halyard(['embed', encoder.path, ...texts, '--device', 'reference', '--json']);
    expect({ code, notes }).toEqual({ code: 0, notes: '' });
    const embedded = JSON.parse(output) as { text: string; embedding: number[] }[];
    expect(embedded.map(({ text }) => text)).toEqual(texts);
    for (const [index, { embedding }] of embedded.entries()) {
      const expected = encoder.embed(tokens[index]!);
      expect(embedding).toHaveLength(expected.length);
      for (const [at, value] of expected.entries()) expect(embedding[at]).toBeCloseTo(value, 4);
    }
  });

  test('prints a line of numbers for each text', async () => {
    const { output } = await halyard(['embed', encoder.path, ...texts, '--device', 'reference']);
    const lines = output.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      const numbers = line.split(' ').map(Number);
      expect(Math.hypot(...numbers)).toBeCloseTo(1, 5);
    }
  });
});

test('explain says of an encoder, too, what was fused and planned', async () => {
  const { code, output } = await halyard(['explain', encoder.path, '--device', 'reference']);
  expect(code).toBe(0);
  expect(output).toMatch(/^Fusion +\d+ operators → \d+ steps before fusion → \d+ after$/m);
  expect(output).toMatch(/^Memory +.* planned; .* without a plan, .* at least \(\d\.\d\d×\)$/m);
});
