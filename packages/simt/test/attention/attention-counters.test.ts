import { describe, expect, it } from 'vitest';
import { type AttentionCase, attentionStep } from '../support/matrix-steps.js';
import type { Architecture } from '../support/matrix-targets.js';
import { simulateStep } from '../support/simulate-step.js';

const sectorBytes = 32;
const elementBytes = { float32: 4, float16: 2 } as const;

interface Problem extends AttentionCase {
  readonly query: 'float32' | 'float16';
  readonly key: 'float32' | 'float16';
  /** Keys that there are. */
  readonly length: number;
}

/** What is read beyond the queries, and once all keys and values that there are. */
async function reads(problem: Problem, architecture: Architecture) {
  const { heads, keyHeads, queries, query, key, size, length } = problem;
  const { kernel, counters } = await simulateStep(attentionStep(problem), { architecture, lengths: [length] });
  const queryBytes = heads * queries * size * elementBytes[query];
  return {
    kernel,
    bytes: counters[0]!.globalLoadSectors * sectorBytes - queryBytes,
    keysAndValues: 2 * keyHeads * length * size * elementBytes[key],
  };
}

const dense = { batch: 1, size: 64, key: 'float16', hasLengths: false, causal: false, length: 256 } as const;
const cached = { ...dense, hasLengths: true, causal: true, length: 200 } as const;
/** Three heads of queries for one of keys. */
const grouped = { heads: 3, keyHeads: 1, queries: 128, capacity: 256 } as const;
const exact = { query: 'float32', multiply: 'float32' } as const;
const half = { query: 'float16', multiply: 'float16' } as const;

const manyQueries: Readonly<Record<string, Problem>> = {
  'all keys, in float32': { ...dense, ...grouped, ...exact, heads: 1 },
  'all keys, in float16': { ...dense, ...grouped, ...half, heads: 1 },
  'grouped heads over a cache, causal, in float32': { ...cached, ...grouped, ...exact },
  'grouped heads over a cache, causal, in float16': { ...cached, ...grouped, ...half },
  'grouped heads over pages, causal, in float32': { ...cached, ...grouped, ...exact, blockSize: 16 },
  'grouped heads over pages, causal, in float16': { ...cached, ...grouped, ...half, blockSize: 16 },
};

/** One of each generation: which kernel it has for float16, and what fits in its shared memory, differ. */
const architectures = ['sm_70', 'sm_75', 'sm_80', 'sm_86', 'sm_90', 'sm_100', 'sm_120'] as const;

describe.each(architectures)('what attention reads on %s', { timeout: 120_000 }, (architecture) => {
  it.each(Object.entries(manyQueries))('of %s, is keys and values once for 64 queries', async (_, problem) => {
    const { kernel, bytes, keysAndValues } = await reads(problem, architecture);
    const hasTensorCores = problem.multiply === 'float16' && architecture !== 'sm_70';
    expect(kernel).toBe(hasTensorCores ? 'attention-tensor-float16' : 'attention-flash');
    expect(bytes).toBeLessThanOrEqual(1.1 * Math.ceil(problem.queries / 64) * keysAndValues);
  });

  it.each([0, 16])('by one query is keys and values once, in pages of %i', async (blockSize) => {
    const problem = { ...cached, ...grouped, ...exact, queries: 1, blockSize };
    const { kernel, bytes, keysAndValues } = await reads(problem, architecture);
    expect(kernel).toBe('attention-decode');
    expect(bytes).toBeLessThanOrEqual(1.1 * keysAndValues);
  });
});

it.each(architectures.slice(1))(
  'attention on tensor cores of %s meets no bank of shared memory twice',
  { timeout: 120_000 },
  async (architecture) => {
    const problem = attentionStep({ ...dense, ...half, heads: 1, keyHeads: 1, queries: 64, capacity: 128 });
    const { kernel, counters } = await simulateStep(problem, { architecture });
    expect(kernel).toBe('attention-tensor-float16');
    expect(counters[0]!.sharedBankConflicts).toBe(0);
  },
);
