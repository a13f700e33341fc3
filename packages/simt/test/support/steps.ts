import { ProgramBuilder, type ProgramCase, Random, wholeView } from '@halyard/conformance';
import type { DataType, Expression, Operand, Step, Type, View } from '@halyard/core';

/** Values between −2 and 2, or small integers, the same for the same seed. */
export function elements(type: DataType, count: number, seed = 1): Uint8Array {
  const random = new Random(seed);
  const value = () => random.unit() * 4 - 2;
  if (type === 'float32') return new Uint8Array(Float32Array.from({ length: count }, value).buffer);
  if (type === 'float16') {
    // 1 + n/1024 with either sign: any fraction under a fixed exponent.
    const bits = Uint16Array.from(
      { length: count },
      () => 0x3c00 | random.integer(0, 1023) | (random.chance(0.5) ? 0x8000 : 0),
    );
    return new Uint8Array(bits.buffer);
  }
  const integers = Array.from({ length: count }, () => random.integer(-99, 99));
  if (type === 'int64') return new Uint8Array(BigInt64Array.from(integers, BigInt).buffer);
  return new Uint8Array((type === 'int8' ? Int8Array : Int32Array).from(integers).buffer);
}

const countOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

/** An input with elements in it. */
export function input(builder: ProgramBuilder, type: DataType, shape: readonly number[], seed = 1): View {
  return wholeView(builder.bind('input', type, shape, elements(type, countOf(shape), seed)), shape);
}

export const output = (builder: ProgramBuilder, type: Type, shape: readonly number[]): View =>
  wholeView(builder.bind('output', type, shape), shape);

/** One step over one input. */
export function unaryCase<Kind extends string>(
  kind: Kind,
  type: DataType,
  shape: readonly number[],
  outputs: readonly (readonly [DataType, readonly number[]])[],
  attributes: Step<Kind>['attributes'],
): ProgramCase {
  const builder = new ProgramBuilder();
  const x = input(builder, type, shape);
  const targets = outputs.map(([out, extents]) => output(builder, out, extents));
  const epilogue = kind === 'map' ? { epilogue: double } : {};
  builder.step({ kind, inputs: [x], outputs: targets, attributes, ...epilogue } as Omit<Step, 'after' | 'origin'>);
  return builder.finish(`${kind} of ${type} [${shape}] ${JSON.stringify(attributes)}`);
}

/** A map over operands that were made before. */
export function addMap(builder: ProgramBuilder, inputs: readonly Operand[], to: View, epilogue: Expression): void {
  builder.step({ kind: 'map', inputs, outputs: [to], attributes: {}, epilogue });
}

/** (v0 + v1) · v2, through silu: a chain such as fusion makes. */
export const chain: Expression = {
  inputs: [],
  body: [
    { op: 'add', arguments: [0, 1], dataType: 'float32' },
    { op: 'mul', arguments: [3, 2], dataType: 'float32' },
    { op: 'silu', arguments: [4], dataType: 'float32' },
  ],
  results: [5],
};

export const double: Expression = {
  inputs: [],
  body: [{ op: 'add', arguments: [0, 0], dataType: 'float32' }],
  results: [1],
};
