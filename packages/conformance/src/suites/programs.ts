import type { Program, Token } from '@halyard/core';
import { apply, given, oneStep } from '../cases/case.js';
import type { ProgramCase } from '../generate/program-builder.js';
import type { Session } from '../session/session.js';

/** y = a + b over n floats: the smallest program there is. Its bindings are a, b and y. */
export function sumProgram(n: number): ProgramCase {
  const values = Array.from({ length: n }, (_, index) => index);
  return oneStep('a sum', [given('float32', values), given('float32', values)], [{ type: 'float32', shape: [n] }], {
    kind: 'map',
    epilogue: apply('add', 'float32', 2),
  });
}

/** state = state + x over n floats. Its bindings are x and the state. */
export function accumulateProgram(n: number): ProgramCase {
  const values = Array.from({ length: n }, () => 0);
  return oneStep('a running sum', [given('float32', values), { ...given('float32', values), role: 'state' }], [], {
    kind: 'map',
    inputs: ([x, state]) => [state!, x!],
    outputs: ([, state]) => [state!],
    epilogue: apply('add', 'float32', 2),
  });
}

/** A program that breaks the contract: it reads beyond its input. */
export function brokenProgram(): Program {
  const { program } = sumProgram(4);
  const [step] = program.steps;
  return { ...program, steps: [{ ...step!, inputs: [{ ...step!.inputs[0]!, offset: 1 }, step!.inputs[1]!] }] };
}

/** Submits many runs of one program, without waiting. */
export async function manyRuns(session: Session, count: number): Promise<{ readonly tokens: readonly Token[] }> {
  const { program, data } = sumProgram(20_000);
  const executable = await session.device.compile(program, [{}]);
  const { bound } = await session.bind(program, executable, data);
  return { tokens: Array.from({ length: count }, () => session.queue.run(bound)) };
}

export const floats = (...values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

export const asFloats = (bytes: Uint8Array): number[] => [...new Float32Array(bytes.slice().buffer)];
