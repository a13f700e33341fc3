import { generateProgram as randomProgram } from '@halyard/conformance';
import type { StepKind } from '@halyard/core';
import { describe, it } from 'vitest';
import { targets } from '../support/matrix-targets.js';
import { judge } from '../support/simulate.js';

const kinds: readonly StepKind[] = ['map', 'reduce', 'normalize', 'gather', 'scatter', 'scan', 'sort'];

describe('a random step on the simulator', () => {
  it.each(kinds)('of kind %s computes what the reference does', async (kind) => {
    for (let seed = 0; seed < 8; seed++) await judge(randomProgram(seed, { kinds: [kind], steps: 3 }), targets.sm_80);
  });
});

describe('a random program on the simulator', () => {
  it.each(['sm_70', 'sm_120'] as const)('for %s computes what the reference does', async (architecture) => {
    for (let seed = 100; seed < 106; seed++) {
      await judge(randomProgram(seed, { kinds, steps: 6 }), targets[architecture]);
    }
  });
});
