import { generateProgram as randomProgram } from '@halyard/conformance';
import type { StepKind } from '@halyard/core';
import { describe, it } from 'vitest';
import { targets } from '../support/matrix-targets.js';
import { judge } from '../support/simulate.js';

const kinds: readonly StepKind[] = ['map', 'reduce', 'normalize', 'gather', 'scatter', 'scan', 'sort'];

describe('a random step on the simulator', () => {
  it.each(kinds)('of kind %s computes what the reference does', async (kind) => {
    for (let seed = 0; seed < 5; seed++) await judge(randomProgram(seed, { kinds: [kind], steps: 3 }), targets.sm_80);
  });
});

describe('a random program on the simulator', () => {
  it.each(['sm_70', 'sm_120'] as const)('for %s computes what the reference does', async (architecture) => {
    for (let seed = 100; seed < 103; seed++) {
      await judge(randomProgram(seed, { kinds, steps: 6 }), targets[architecture]);
    }
  });
});

describe('a tuning table', () => {
  it.each([
    { width: 1, threads: 64, unroll: 2 },
    { width: 2, threads: 128, unroll: 4, along: 64, parts: 2 },
    { along: 8, parts: 4 },
    { along: 512 },
  ])('that says %o changes no result', async (configuration) => {
    const { program, ...given } = randomProgram(11, { kinds: ['map', 'reduce', 'normalize'], steps: 5 });
    const tuning = program.steps.map(() => configuration);
    await judge({ ...given, program }, targets.sm_80, tuning);
  });
});
