import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planChunks, promptBuckets } from '../../src/generation/buckets.js';

describe('cutting a prompt into chunks', () => {
  test('every token is in one chunk, none is padded beyond the context', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat(600), (count, slack) => {
        const chunks = planChunks(count, count + slack);
        let next = 0;
        for (const { start, count: taken, bucket } of chunks) {
          expect(start).toBe(next);
          expect(taken).toBeGreaterThan(0);
          expect(taken).toBeLessThanOrEqual(bucket);
          expect(promptBuckets).toContain(bucket);
          expect(start + bucket).toBeLessThanOrEqual(count + slack);
          next += taken;
        }
        expect(next).toBe(count);
      }),
    );
  });

  test.each([
    [1, [1]],
    [3, [1, 1, 1]],
    [4, [8]],
    [8, [8]],
    [9, [8, 1]],
    [12, [16]],
    [20, [32]],
    [40, [32, 8]],
    [50, [64]],
    [100, [128]],
    [300, [128, 128, 16, 16, 16]],
    [512, [512]],
    [600, [512, 32, 32, 32]],
  ])('%i tokens take the cheapest buckets', (count, buckets) => {
    expect(planChunks(count, 4096).map(({ bucket }) => bucket)).toEqual(buckets);
  });

  test('never costs more than twice the work of the tokens alone, once there are eight', () => {
    for (let count = 8; count <= 2048; count++) {
      const padded = planChunks(count, 4096).reduce((sum, { bucket }) => sum + bucket, 0);
      expect(padded).toBeLessThan(2 * count);
    }
  });

  test('at the end of the context, the room decides', () => {
    expect(planChunks(20, 20).map(({ bucket }) => bucket)).toEqual([16, 1, 1, 1, 1]);
    expect(planChunks(7, 7).map(({ bucket }) => bucket)).toEqual([1, 1, 1, 1, 1, 1, 1]);
  });
});
