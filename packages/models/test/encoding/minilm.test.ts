import { SentenceEncoder } from '@halyard/models';
import { describe, expect, test } from 'vitest';
import { fixture } from '../helpers/fixture.js';
import { realModel } from '../helpers/real-model.js';
import { usableDevice } from '../helpers/usable-device.js';

interface Recorded {
  readonly embeddings: readonly { sentence: string; embedding: readonly number[] }[];
}

const path = await realModel('minilm');
const device = await usableDevice();

describe.skipIf(path === undefined)('all-MiniLM-L6-v2', () => {
  test('gives the vectors that were recorded of float64, in little more memory than any plan needs', async () => {
    const { embeddings } = await fixture<Recorded>('embeddings-minilm');
    // The slow exact interpreter takes a second for each sentence.
    const recorded = device.device === 'reference' ? embeddings.slice(0, 3) : embeddings;
    const encoder = await SentenceEncoder.load(path!, device);
    const vectors = await encoder.embed(recorded.map(({ sentence }) => sentence));
    const { plannedBytes, lowerBoundBytes } = (await encoder.explain()).memory;
    await encoder.close();
    expect(plannedBytes / lowerBoundBytes).toBeLessThanOrEqual(1.1);
    recorded.forEach(({ embedding }, i) => {
      const cosine = embedding.reduce((sum, value, axis) => sum + value * vectors[i]![axis]!, 0);
      expect(cosine).toBeGreaterThan(0.9999);
      expect(Math.hypot(...vectors[i]!)).toBeCloseTo(1, 5);
    });
  });
});
