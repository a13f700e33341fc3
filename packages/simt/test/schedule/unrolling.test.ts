import { describe, expect, it } from 'vitest';
import { estimateProgram } from '../support/estimate-program.js';
import { estimateStep } from '../support/estimate-step.js';
import { matmulStep } from '../support/matrix-steps.js';
import { targets } from '../support/matrix-targets.js';
import { unaryCase } from '../support/steps.js';

/** Too few rows for a device: nothing but a thread's own loads hides their latency. */
const rows = 10;
const sums = unaryCase('reduce', 'float32', [rows, 32_768], [['float32', [rows, 1]]], {
  combine: 'sum',
  axes: [1],
  accumulate: 'float32',
});

/** A row by a matrix whose rows lie along n. */
const product = matmulStep({
  m: 1,
  n: 64,
  k: 4096,
  a: 'float32',
  b: 'float16',
  multiply: 'float32',
  isTransposedB: false,
});

describe.each([
  ['sm_70', 2.5, 3.6],
  ['sm_75', 1.7, 3.4],
] as const)('loads under way on %s', (architecture, gainOfSums, gainOfProducts) => {
  const estimate = (tuning: { readonly unroll?: number }) =>
    estimateProgram(
      sums,
      targets[architecture],
      { along: 256, parts: 1, ...tuning },
      { multiprocessors: rows, schedulingWindow: 32 },
    );

  it(`make sums of rows ${gainOfSums} times as fast in the issue model as one at a time`, {
    timeout: 60_000,
  }, async () => {
    const planned = await estimate({});
    const alone = await estimate({ unroll: 1 });
    expect(alone.clocks / planned.clocks).toBeGreaterThan(gainOfSums);
    expect(planned.stalls.longScoreboard).toBeLessThan(alone.stalls.longScoreboard);
  });

  it(`make a row by a matrix ${gainOfProducts} times as fast`, { timeout: 60_000 }, async () => {
    const clocks = async (tuning: { readonly unroll?: number }) =>
      (
        await estimateStep(
          product,
          { architecture, tuning: { kernel: 'vector', ...tuning } },
          { residentBlocks: 1, multiprocessors: rows, schedulingWindow: 32 },
        )
      ).clocks;
    expect((await clocks({ unroll: 1 })) / (await clocks({}))).toBeGreaterThan(gainOfProducts);
  });
});
