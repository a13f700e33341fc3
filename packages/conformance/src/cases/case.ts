import type { DataType, Expression, Instruction, Operand, Step, Target, Type, View } from '@halyard/core';
import { ProgramBuilder, type ProgramCase, wholeView } from '../generate/program-builder.js';
import { storedBytes } from '../generate/values.js';

export interface Given {
  readonly type: Type;
  readonly shape: readonly number[];
  readonly values: readonly (number | bigint)[] | Uint8Array;
  /** `state`: written, and holds the values before. */
  readonly role?: 'input' | 'constant' | 'state';
}

/** A tensor of a type with values along one axis, or of a shape. */
export function given(
  type: DataType,
  values: readonly (number | bigint)[],
  shape: readonly number[] = [values.length],
): Given {
  return { type, shape, values };
}

/**
 * A program of one step over tensors with given values.
 *
 * @param outputs type and shape of what is made; given tensors that are states may be written as well
 * @param step gets the views of all given tensors, then of the outputs; inputs and outputs are those unless it says
 */
export function oneStep(
  name: string,
  inputs: readonly Given[],
  outputs: readonly Pick<Given, 'type' | 'shape'>[],
  step: Omit<Partial<Step>, 'inputs' | 'outputs'> & {
    readonly kind: string;
    readonly inputs?: (views: readonly View[]) => readonly (Operand | null)[];
    readonly outputs?: (views: readonly View[]) => readonly Target[];
  },
): ProgramCase {
  const builder = new ProgramBuilder();
  const views: View[] = [];
  for (const { type, shape, values, role = 'input' } of inputs) {
    const data = values instanceof Uint8Array ? values : storedBytes(type as DataType, values);
    views.push(wholeView(builder.bind(role, type, shape, data), shape));
  }
  for (const { type, shape } of outputs) views.push(wholeView(builder.bind('output', type, shape), shape));
  builder.step({
    attributes: {},
    ...step,
    inputs: step.inputs?.(views) ?? views.slice(0, inputs.length),
    outputs: step.outputs?.(views) ?? views.slice(inputs.length),
  });
  return builder.finish(name);
}

/** An expression without inputs, whose last value is its result. */
export function chain(leading: number, ...body: readonly Instruction[]): Expression {
  return { inputs: [], body, results: [leading + body.length - 1] };
}

/** One operator over the leading values. */
export const apply = (op: Instruction['op'], dataType: DataType, count: number): Expression =>
  chain(count, { op, arguments: Array.from({ length: count }, (_, index) => index), dataType });
