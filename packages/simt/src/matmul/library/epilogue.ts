import type { DataType, Step, Tensor, View } from '@halyard/core';

/**
 * What of a step's epilogue the vendor's library does to the very bit: nothing at all, a cast to the result's type, or one
 * number for each column added to the sums before they are stored. Its ReLU says nothing of NaN and its GELU is the
 * approximation by tanh: those stay with our kernels.
 *
 * @returns the bias, nothing where there is none, or a text that says what the library does not do
 */
export function biasOf(step: Step<'matmul'>, tensors: readonly Tensor[]): View | undefined | string {
  const { epilogue, outputs } = step;
  if (!epilogue) return undefined;
  const stored = tensors[outputs[0]!.tensor]!.type;
  const { accumulate } = step.attributes;
  const { inputs, body, results } = epilogue;
  const other = 'an epilogue that the library does not have';
  /** An instruction, its casts looked through that change nothing: to what is stored at the end, else to a wider type. */
  const source = (value: number, isStored: boolean): number => {
    const instruction = body[value - 1 - inputs.length];
    if (instruction?.op !== 'cast') return value;
    const from = instruction.arguments[0]!;
    const isExact = instruction.dataType === typeOf(from) || isWidening(typeOf(from), instruction.dataType);
    return isExact || (isStored && instruction.dataType === stored) ? source(from, false) : value;
  };
  const typeOf = (value: number): string => {
    if (value === 0) return accumulate;
    if (value <= inputs.length) return tensors[inputs[value - 1]!.tensor]!.type;
    return body[value - 1 - inputs.length]!.dataType;
  };
  const last = source(results[0]!, true);
  if (last === 0) return undefined;
  const sum = body[last - 1 - inputs.length];
  if (sum?.op !== 'add' || sum.dataType !== 'float32') return other;
  const [left, right] = sum.arguments.map((value) => source(value, false)) as [number, number];
  if (Math.min(left, right) !== 0) return other;
  const added = inputs[Math.max(left, right) - 1];
  if (!added || tensors[added.tensor]!.type !== stored) return other;
  return isAlongColumns(added) ? added : other;
}

const isWidening = (from: string, to: DataType): boolean =>
  to === 'float32' && (from === 'float16' || from === 'bfloat16');

/** One number for each column, the same in all rows and batches. */
function isAlongColumns({ shape, strides }: View): boolean {
  const last = shape.length - 1;
  return shape.every((extent, axis) => extent === 1 || strides[axis] === (axis === last ? 1 : 0));
}
