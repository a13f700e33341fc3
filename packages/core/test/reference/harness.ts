import { byteLength, type Step, type Tensor, type Type, type View } from '@halyard/core';
import { evaluate } from '../../src/reference/index.js';

const arrays = {
  float32: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
} as const;

export type Values = readonly (number | bigint)[];

export interface Stored {
  readonly type: Type;
  readonly shape: readonly number[];
  readonly values: Values | Uint8Array;
}

export const bytesOf = ({ type, values }: Stored): Uint8Array =>
  values instanceof Uint8Array
    ? values
    : new Uint8Array((arrays[type as keyof typeof arrays] as typeof Float32Array).from(values as number[]).buffer);

export const valuesOf = (type: Type, bytes: Uint8Array): Values => [
  ...new (arrays[type as keyof typeof arrays] as typeof Float32Array)(bytes.buffer as ArrayBuffer),
];

export function wholeView(tensor: number, shape: readonly number[]): View {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  return { tensor, offset: 0, shape, strides };
}

/** Runs one step over tensors given by their values and gives the values of each output. */
export function runOne(
  tensors: readonly Stored[],
  outputs: readonly Omit<Stored, 'values'>[],
  step: (view: (tensor: number) => View) => Partial<Step> & { kind: string },
): Values[] {
  const all: Pick<Tensor, 'type' | 'shape'>[] = [...tensors, ...outputs];
  const bytes = [...tensors.map(bytesOf), ...outputs.map(({ type, shape }) => new Uint8Array(byteLength(type, shape)))];
  const view = (tensor: number): View => wholeView(tensor, all[tensor]!.shape);
  const whole: Step = {
    inputs: tensors.map((_, index) => view(index)),
    outputs: outputs.map((_, index) => view(tensors.length + index)),
    attributes: {},
    after: [],
    origin: [],
    ...step(view),
  };
  evaluate(all, [whole], (tensor) => bytes[tensor]!);
  return outputs.map(({ type }, index) => valuesOf(type, bytes[tensors.length + index]!));
}
