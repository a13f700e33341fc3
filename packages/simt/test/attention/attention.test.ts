import { describe, expect, it } from 'vitest';
import { type AttentionCase, attentionStep } from '../support/matrix-steps.js';
import type { Architecture } from '../support/matrix-targets.js';
import { simulateStep, worstError } from '../support/simulate-step.js';

interface Expected {
  readonly kernel: string;
  readonly tolerance: number;
  readonly lengths?: readonly number[];
  readonly architecture?: Architecture;
}

/** float32 in another order, and the exponential function. */
const rounding = 2e-6;

const cases: Readonly<Record<string, AttentionCase & Expected>> = {
  'one query over a cache, grouped heads': {
    batch: 2,
    heads: 6,
    keyHeads: 2,
    queries: 1,
    capacity: 200,
    size: 64,
    key: 'float16',
    hasSums: true,
    lengths: [130, 7],
    kernel: 'attention-decode',
    tolerance: rounding,
  },
  'one query over pages, with a width that is no power of two': {
    batch: 2,
    heads: 4,
    keyHeads: 4,
    queries: 1,
    capacity: 96,
    size: 40,
    valueSize: 48,
    blockSize: 16,
    hasSums: true,
    lengths: [96, 33],
    kernel: 'attention-decode',
    tolerance: rounding,
  },
  'a few queries with a mask': {
    batch: 1,
    heads: 6,
    keyHeads: 3,
    queries: 3,
    capacity: 100,
    size: 64,
    valueSize: 32,
    hasMask: true,
    lengths: [77],
    kernel: 'attention-decode',
    tolerance: rounding,
  },
  'no key at all': {
    batch: 2,
    heads: 2,
    keyHeads: 2,
    queries: 1,
    capacity: 64,
    size: 32,
    hasSums: true,
    lengths: [0, 5],
    kernel: 'attention-decode',
    tolerance: rounding,
  },
  'many queries, causal, grouped heads': {
    batch: 1,
    heads: 6,
    keyHeads: 2,
    queries: 70,
    capacity: 100,
    size: 64,
    key: 'float16',
    hasSums: true,
    lengths: [90],
    kernel: 'attention-flash',
    tolerance: rounding,
  },
  'many queries over pages on Turing, with a mask': {
    batch: 2,
    heads: 2,
    keyHeads: 2,
    queries: 70,
    capacity: 96,
    size: 40,
    valueSize: 48,
    blockSize: 32,
    hasMask: true,
    lengths: [90, 71],
    architecture: 'sm_75',
    kernel: 'attention-flash',
    tolerance: rounding,
  },
  'many queries, all keys': {
    batch: 1,
    heads: 8,
    keyHeads: 8,
    queries: 77,
    capacity: 77,
    size: 40,
    hasLengths: false,
    causal: false,
    kernel: 'attention-flash',
    tolerance: rounding,
  },
  'float16 on tensor cores, grouped heads': {
    batch: 1,
    heads: 6,
    keyHeads: 2,
    queries: 70,
    capacity: 200,
    size: 64,
    query: 'float16',
    key: 'float16',
    multiply: 'float16',
    hasSums: true,
    lengths: [190],
    kernel: 'attention-tensor-float16',
    tolerance: 1e-3,
  },
  'float16 on Turing': {
    batch: 1,
    heads: 4,
    keyHeads: 2,
    queries: 70,
    capacity: 200,
    size: 64,
    query: 'float16',
    key: 'float16',
    multiply: 'float16',
    lengths: [190],
    architecture: 'sm_75',
    kernel: 'attention-tensor-float16',
    tolerance: 1e-3,
  },
  'bfloat16 with a mask and odd widths': {
    batch: 1,
    heads: 4,
    keyHeads: 4,
    queries: 40,
    capacity: 80,
    size: 72,
    valueSize: 40,
    key: 'bfloat16',
    multiply: 'bfloat16',
    hasMask: true,
    lengths: [80],
    kernel: 'attention-tensor-bfloat16',
    tolerance: 5e-3,
  },
  'float16 over pages, keys rounded on the way': {
    batch: 2,
    heads: 4,
    keyHeads: 2,
    queries: 66,
    capacity: 96,
    size: 128,
    multiply: 'float16',
    blockSize: 16,
    lengths: [90, 66],
    kernel: 'attention-tensor-float16',
    tolerance: 1e-3,
  },
};

describe('attention on the simulator', { timeout: 120_000 }, () => {
  it.each(Object.entries(cases))('%s agrees with the reference', async (_, problem) => {
    const { kernel, findings, outputs } = await simulateStep(attentionStep(problem), problem);
    expect(kernel).toBe(problem.kernel);
    expect(findings.map(({ kind, instruction }) => `${kind}: ${instruction}`)).toEqual([]);
    for (const output of outputs) expect(worstError(output)).toBeLessThanOrEqual(problem.tolerance);
  });

  it.each([1, 40])('of %i queries takes no notice of what a key of weight 0 has for a value', async (queries) => {
    const [capacity, size] = [48, 16];
    const one = attentionStep({
      batch: 1,
      heads: 1,
      keyHeads: 1,
      queries,
      capacity,
      size,
      hasMask: true,
      hasLengths: false,
      causal: false,
    });
    const hidden = 5;
    const edit = (bytes: readonly Uint8Array[]) => {
      new Float32Array(bytes[2]!.buffer).fill(Number.NaN, hidden * size, (hidden + 1) * size);
      const mask = new Float32Array(bytes[3]!.buffer);
      for (let query = 0; query < queries; query++) mask[query * capacity + hidden] = Number.NEGATIVE_INFINITY;
    };
    const { findings, outputs } = await simulateStep(one, { edit });
    expect(findings).toEqual([]);
    expect(worstError(outputs[0]!)).toBeLessThanOrEqual(rounding);
  });
});
