import { type Operand, type Tensor, typeLayouts } from '@halyard/core';
import { groupElements, isBlockType } from './block-quantized.js';

/** A block-quantized b as rows of groups of 32 elements: bytes instead of elements. */
export interface QuantizedRows {
  /** Bytes from the tensor's start to the row of the first column. */
  readonly start: number;
  /** Bytes from column to column. */
  readonly columnStride: number;
  /** Bytes, for each batch dimension. */
  readonly batchStrides: readonly number[];
  /** In its row, where k begins, in groups. */
  readonly firstGroup: number;
}

/** `undefined` where k does not run along the rows in whole groups, or something is done to the elements. */
export function quantizedRows(tensors: readonly Tensor[], operand: Operand): QuantizedRows | undefined {
  const tensor = tensors[operand.tensor]!;
  const { strides, shape, offset } = operand;
  const rank = shape.length;
  const extent = tensor.shape.at(-1) ?? 1;
  if (!isBlockType(tensor.type) || operand.prologue || operand.quantization) return undefined;
  const { elements, bytes } = typeLayouts[tensor.type];
  const rowBytes = Math.ceil(extent / elements) * bytes;
  const within = offset % extent;
  const k = shape[rank - 2]!;
  const isWhole = within % groupElements === 0 && k % groupElements === 0 && within + k <= extent;
  const others = strides.map((stride, axis) => (axis === rank - 2 || shape[axis]! <= 1 ? 0 : stride));
  if (!isWhole || (strides[rank - 2] !== 1 && k > 1) || others.some((stride) => stride % extent !== 0))
    return undefined;
  const inBytes = (stride: number) => (stride / extent) * rowBytes;
  return {
    start: inBytes(offset - within),
    columnStride: inBytes(others[rank - 1]!),
    batchStrides: others.slice(0, -2).map(inBytes),
    firstGroup: within / groupElements,
  };
}
