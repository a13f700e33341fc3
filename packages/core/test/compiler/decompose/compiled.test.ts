import { compile, HalyardError, validateProgram } from '@halyard/core';
import { describe, expect, it } from 'vitest';
import { record } from '../../graph/record.js';
import { accepted, perform } from '../../graph/uses.js';
import { anyDevice } from '../devices.js';

const cases = Object.values(accepted).flatMap((family) =>
  family.map(([build, result]) => [`${String(build).replace(/\s+/g, ' ')} → ${result}`, build] as const),
);

describe('every use of an operator becomes a program that keeps to the contract', () => {
  it.each(cases)('%s', async (_, build) => {
    const graph = await record((builder) =>
      Object.fromEntries(perform(build, builder).map((operand, index) => [`y${index}`, operand])),
    );
    for (const fusion of ['off', 'on'] as const) {
      const plan = compile(graph, { devices: [anyDevice()], fusion });
      expect(plan.programs).toHaveLength(1);
      expect(() => validateProgram(plan.programs[0]!.program)).not.toThrowError(HalyardError);
    }
  });
});
