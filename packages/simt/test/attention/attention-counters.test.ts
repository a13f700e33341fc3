import { describe, expect, it } from 'vitest';
import { attentionStep } from '../support/matrix-steps.js';
import { simulateStep } from '../support/simulate-step.js';

const sectorBytes = 32;

describe('what attention reads', { timeout: 120_000 }, () => {
  const shape = { batch: 1, capacity: 1024, size: 64, key: 'float16', hasLengths: false, causal: false } as const;

  it.each([
    ['float32', { heads: 4, keyHeads: 4, queries: 128, query: 'float32', multiply: 'float32' }],
    [
      'float32, three heads of queries for each of keys',
      { heads: 6, keyHeads: 2, queries: 128, query: 'float32', multiply: 'float32' },
    ],
    ['float16', { heads: 4, keyHeads: 4, queries: 128, query: 'float16', multiply: 'float16' }],
    [
      'float16, three heads of queries for each of keys',
      { heads: 6, keyHeads: 2, queries: 128, query: 'float16', multiply: 'float16' },
    ],
    [
      'float32 over pages',
      { heads: 6, keyHeads: 2, queries: 128, query: 'float32', multiply: 'float32', blockSize: 16 },
    ],
    [
      'float16 over pages',
      { heads: 6, keyHeads: 2, queries: 128, query: 'float16', multiply: 'float16', blockSize: 16 },
    ],
  ] as const)('in %s is keys and values once for 64 queries, and the queries', async (_, problem) => {
    const { counters } = await simulateStep(attentionStep({ ...shape, ...problem }));
    const { heads, keyHeads, queries, query } = problem;
    const keysAndValues = 2 * keyHeads * shape.capacity * shape.size * 2;
    const queryBytes = heads * queries * shape.size * (query === 'float16' ? 2 : 4);
    const read = counters[0]!.globalLoadSectors * sectorBytes;
    expect(read - queryBytes).toBeLessThanOrEqual(1.1 * Math.ceil(queries / 64) * keysAndValues);
  });

  it.each([0, 16])('by one query is keys and values once, in pages of %i', async (blockSize) => {
    const { counters } = await simulateStep(attentionStep({ ...shape, heads: 6, keyHeads: 2, queries: 1, blockSize }));
    const keysAndValues = 2 * 2 * shape.capacity * shape.size * 2;
    expect(counters[0]!.globalLoadSectors * sectorBytes).toBeLessThanOrEqual(1.1 * keysAndValues);
  });

  it('on tensor cores meets no bank of shared memory twice', async () => {
    const problem = { heads: 2, keyHeads: 2, queries: 64, query: 'float16', multiply: 'float16' } as const;
    const { counters } = await simulateStep(attentionStep({ ...shape, ...problem }));
    expect(counters[0]!.sharedBankConflicts).toBe(0);
  });
});
