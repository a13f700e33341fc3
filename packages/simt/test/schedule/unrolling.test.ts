import { describe, expect, it } from 'vitest';
import { estimateProgram } from '../support/estimate-program.js';
import { targets } from '../support/matrix-targets.js';
import { unaryCase } from '../support/steps.js';

/** Too few rows for a device: nothing but a thread's own loads hides their latency. */
const rows = 10;
const sums = unaryCase('reduce', 'float32', [rows, 32_768], [['float32', [rows, 1]]], {
  combine: 'sum',
  axes: [1],
  accumulate: 'float32',
});

describe.each([
  ['sm_70', 2.5],
  ['sm_75', 1.7],
] as const)('loads under way in sums of rows on %s', (architecture, gain) => {
  const estimate = (tuning: { readonly unroll?: number }) =>
    estimateProgram(
      sums,
      targets[architecture],
      { along: 256, parts: 1, ...tuning },
      { multiprocessors: rows, schedulingWindow: 32 },
    );

  it(`make them ${gain} times as fast in the issue model as one at a time`, { timeout: 60_000 }, async () => {
    const planned = await estimate({});
    const alone = await estimate({ unroll: 1 });
    expect(alone.clocks / planned.clocks).toBeGreaterThan(gain);
    expect(planned.stalls.longScoreboard).toBeLessThan(alone.stalls.longScoreboard);
  });
});
