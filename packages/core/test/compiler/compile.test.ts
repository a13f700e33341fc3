import { compileModule, type Module, type Plan, type PlannedProgram, reference, validateProgram } from '@halyard/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyDevice } from './devices.js';
import { type Dice, dice, randomContents, randomModules } from './random-module.js';
import { results, runPlan } from './run-plan.js';

function compiled(module: Module, fusion: 'on' | 'off', limits = {}): Plan {
  return compileModule(module, { devices: [anyDevice(limits)], fusion, evaluate: reference.evaluate });
}

/** Any order that `after` allows. */
function anyOrder({ steps }: PlannedProgram['program'], { below }: Dice): number[] {
  const order: number[] = [];
  const done = new Set<number>();
  while (order.length < steps.length) {
    const ready = steps.flatMap(({ after }, at) =>
      !done.has(at) && after.every((step) => done.has(step)) ? [at] : [],
    );
    const next = ready[below(ready.length)]!;
    order.push(next);
    done.add(next);
  }
  return order;
}

describe('compile', () => {
  it('gives the same results with fusion, without, and as the steps were written', () => {
    fc.assert(
      fc.property(randomModules, fc.nat(), (module, seed) => {
        const contents = randomContents(module, dice(seed));
        const bare = compileModule(module, { devices: [anyDevice({ inPlace: false })], fusion: 'off' });
        const expected = results(runPlan(bare, contents), module);
        expect(results(runPlan(compiled(module, 'off'), contents), module)).toEqual(expected);
        expect(results(runPlan(compiled(module, 'on'), contents), module)).toEqual(expected);
      }),
      { numRuns: 250 },
    );
  });

  it('gives valid programs', () => {
    fc.assert(
      fc.property(randomModules, fc.constantFrom('on', 'off'), fc.boolean(), (module, fusion, inPlace) => {
        for (const { program } of compiled(module, fusion, { inPlace }).programs) validateProgram(program);
      }),
      { numRuns: 250 },
    );
  });

  it('gives the same results in any order that `after` allows', () => {
    fc.assert(
      fc.property(randomModules, fc.nat(), (module, seed) => {
        const source = dice(seed);
        const contents = randomContents(module, source);
        const plan = compiled(module, 'on');
        const expected = results(runPlan(plan, contents), module);
        const shuffled = runPlan(plan, contents, (program) => anyOrder(program, source));
        expect(results(shuffled, module)).toEqual(expected);
      }),
      { numRuns: 250 },
    );
  });

  it('is repeatable', () => {
    fc.assert(
      fc.property(randomModules, (module) => {
        expect(compiled(module, 'on')).toEqual(compiled(module, 'on'));
      }),
      { numRuns: 100 },
    );
  });

  it('keeps to the number of operands and the rank that a device takes', () => {
    fc.assert(
      fc.property(randomModules, (module) => {
        for (const { program } of compiled(module, 'on', { operandsPerStep: 6 }).programs) {
          for (const step of program.steps) {
            const reads = step.inputs.length + (step.epilogue?.inputs.length ?? 0);
            expect(reads + step.outputs.length).toBeLessThanOrEqual(6);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('refuses to compile for no device', () => {
    const nothing = { tensors: [], steps: [] };
    expect(() => compileModule(nothing, { devices: [], fusion: 'on' })).toThrow(/no device/);
  });
});
