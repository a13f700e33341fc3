import { SentenceEncoder } from '@halyard/models';
import { describe, expect, test } from 'vitest';
import { cpuDevice } from '../helpers/cpu-device.js';
import { fixture } from '../helpers/fixture.js';
import { realModel, withoutModels } from '../helpers/real-model.js';

interface Recorded {
  readonly embeddings: readonly { sentence: string; embedding: readonly number[] }[];
}

const path = await realModel('minilm');

describe.skipIf(withoutModels)('all-MiniLM-L6-v2', () => {
  test('gives the vectors that were recorded of float64, in little more memory than any plan needs', async () => {
    const { embeddings } = await fixture<Recorded>('embeddings-minilm');
    const encoder = await SentenceEncoder.load(path, cpuDevice);
    const vectors = await encoder.embed(embeddings.map(({ sentence }) => sentence));
    const { plannedBytes, lowerBoundBytes } = (await encoder.explain()).memory;
    await encoder.close();
    expect(plannedBytes / lowerBoundBytes).toBeLessThanOrEqual(1.1);
    embeddings.forEach(({ embedding }, i) => {
      const cosine = embedding.reduce((sum, value, axis) => sum + value * vectors[i]![axis]!, 0);
      expect(cosine).toBeGreaterThan(0.9999);
      expect(Math.hypot(...vectors[i]!)).toBeCloseTo(1, 5);
    });
  });
});
