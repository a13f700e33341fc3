/** Types of single elements. `int4` and `uint4` hold two elements a byte, the first in the low nibble. */
export type DataType =
  | 'float32'
  | 'float16'
  | 'bfloat16'
  | 'float8e4m3'
  | 'float8e5m2'
  | 'int64'
  | 'uint64'
  | 'int32'
  | 'uint32'
  | 'int8'
  | 'uint8'
  | 'int4'
  | 'uint4';

/**
 * Block formats of weights, bit for bit as GGUF stores them. They read as float32, in whole blocks along the
 * innermost dimension of the tensor that holds them; the view that reads them has stride 1 there.
 */
export type BlockType = 'q4_0' | 'q4_1' | 'q8_0' | 'q4_k' | 'q6_k';

export type Type = DataType | BlockType;

/** How many elements make one block, and the bytes it takes. For a plain type the block is the least addressable unit. */
export interface TypeLayout {
  readonly elements: number;
  readonly bytes: number;
}

/** Source of the block sizes: ggml's `ggml-common.h`. */
export const typeLayouts: Readonly<Record<Type, TypeLayout>> = {
  float32: { elements: 1, bytes: 4 },
  float16: { elements: 1, bytes: 2 },
  bfloat16: { elements: 1, bytes: 2 },
  float8e4m3: { elements: 1, bytes: 1 },
  float8e5m2: { elements: 1, bytes: 1 },
  int64: { elements: 1, bytes: 8 },
  uint64: { elements: 1, bytes: 8 },
  int32: { elements: 1, bytes: 4 },
  uint32: { elements: 1, bytes: 4 },
  int8: { elements: 1, bytes: 1 },
  uint8: { elements: 1, bytes: 1 },
  int4: { elements: 2, bytes: 1 },
  uint4: { elements: 2, bytes: 1 },
  q4_0: { elements: 32, bytes: 18 },
  q4_1: { elements: 32, bytes: 20 },
  q8_0: { elements: 32, bytes: 34 },
  q4_k: { elements: 256, bytes: 144 },
  q6_k: { elements: 256, bytes: 210 },
};

/** Bytes of a dense tensor: each innermost row takes whole blocks. */
export function byteLength(type: Type, shape: readonly number[]): number {
  const { elements, bytes } = typeLayouts[type];
  const innermost = shape.length === 0 ? 1 : shape[shape.length - 1]!;
  let rows = 1;
  for (let axis = 0; axis < shape.length - 1; axis++) rows *= shape[axis]!;
  return rows * Math.ceil(innermost / elements) * bytes;
}
