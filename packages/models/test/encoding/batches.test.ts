import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planBatches } from '../../src/encoding/batches.js';

test('every text is in one batch that is long enough, and no batch is too large', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 256 }), { maxLength: 60 }), (lengths) => {
      const batches = planBatches(lengths, 256);
      expect(batches.flatMap(({ texts }) => texts).sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
      for (const { texts, length } of batches) {
        for (const text of texts) expect(lengths[text]!).toBeLessThanOrEqual(length);
        expect(texts.length * length).toBeLessThanOrEqual(2048);
        // Padding less than doubles a text of more than the least length.
        if (length > 16) expect(Math.min(...texts.map((text) => lengths[text]!)) * 2).toBeGreaterThan(length);
        expect([1, 2, 4, 8, 16]).toContain(texts.length);
      }
    }),
  );
});
