import {
  compareBindings,
  generateProgram,
  interpretWithBounds,
  mismatchError,
  type ProgramCase,
} from '@halyard/conformance';
import {
  type CompileDevice,
  compileModule,
  interpret,
  type Module,
  type Plan,
  reference,
  validateProgram,
} from '@halyard/core';
import { describe, expect, it } from 'vitest';
import { anyDevice, deviceWithout } from './devices.js';
import { runPlan } from './run-plan.js';

/** A program of the conformance suite as the module that it could have come from. */
function moduleOf({ program, data }: ProgramCase): Module {
  const tensors = program.tensors.map(({ type, shape, at }): Module['tensors'][number] => {
    if (typeof at !== 'object') return { type, shape, origin: { kind: 'temporary' } };
    const binding = program.bindings[at.binding]!;
    if (binding.role !== 'constant') return { type, shape, origin: { kind: binding.role, name: binding.name } };
    const source = { fingerprint: binding.fingerprint, parts: [{ data: data[at.binding]! }] };
    return { type, shape, origin: { kind: 'constant', source } };
  });
  return { tensors, steps: program.steps.map((step) => ({ ...step, after: [] })) };
}

/** What a plan leaves in the bindings of the program. */
function runOn(plan: Plan, { program, data }: ProgramCase): Uint8Array[] {
  const named = (role: string) =>
    new Map(
      program.bindings.flatMap((binding, at) => {
        return binding.role === role && binding.role !== 'constant' ? [[binding.name, data[at]!] as const] : [];
      }),
    );
  const given = { inputs: named('input'), outputs: named('output'), states: named('state') };
  const memory = runPlan(plan, given);
  const rooms = { input: memory.inputs, output: memory.outputs, state: memory.states };
  return program.bindings.map((binding, at) =>
    binding.role === 'constant' ? data[at]! : (rooms[binding.role].get(binding.name) ?? data[at]!),
  );
}

function check(seeds: readonly number[], devices: readonly CompileDevice[], fusion: 'on' | 'off'): void {
  for (const seed of seeds) {
    const generated = generateProgram(seed, { steps: 6 });
    const { program, data } = generated;
    const expected = data.map((bytes) => bytes.slice());
    interpret(program, expected, new Uint8Array(program.workspaceBytes));
    const bounds = interpretWithBounds(
      program,
      data.map((bytes) => bytes.slice()),
    );
    const plan = compileModule(moduleOf(generated), { devices, fusion, evaluate: reference.evaluate });
    for (const { program: compiled } of plan.programs) validateProgram(compiled);
    const mismatch = compareBindings(program, runOn(plan, generated), expected, bounds);
    if (mismatch) throw mismatchError(generated.name, mismatch);
  }
}

const seeds = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);

describe('programs of the conformance suite', () => {
  it('are valid', () => {
    for (const seed of seeds(0, 150)) {
      const { program } = generateProgram(seed, { steps: 6 });
      expect(() => validateProgram(program), `seed ${seed}`).not.toThrow();
    }
  });

  it('give the same within their bounds when they are compiled without fusion', () => {
    check(seeds(1000, 50), [anyDevice()], 'off');
  });

  it('give the same within their bounds when they are compiled with fusion', () => {
    check(seeds(2000, 120), [anyDevice()], 'on');
  });

  it('give the same within their bounds on a device that has few kinds of steps', () => {
    const few = deviceWithout(['attention', 'normalize'], 'few');
    check(seeds(3000, 50), [few, anyDevice({}, () => true, 'other')], 'on');
  });
});
