import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planChunks, prefillBuckets } from '../../src/generation/buckets.js';

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
          expect(prefillBuckets).toContain(bucket);
          expect(start + bucket).toBeLessThanOrEqual(count + slack);
          next += taken;
        }
        expect(next).toBe(count);
      }),
    );
  });

  test.each([
    [1, [1]],
    [8, [8]],
    [20, [32]],
    [40, [32, 8]],
    [100, [128]],
    [512, [512]],
    [600, [512, 128]],
  ])('%i tokens take the cheapest buckets', (count, buckets) => {
    expect(planChunks(count, 4096).map(({ bucket }) => bucket)).toEqual(buckets);
  });

  test('at the end of the context, the room decides', () => {
    expect(planChunks(20, 20).map(({ bucket }) => bucket)).toEqual([8, 8, 1, 1, 1, 1]);
  });
});
