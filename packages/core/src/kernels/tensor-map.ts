/**
 * A view of memory as bulk tensor copies of sm_90 take it (PTX ISA, "Tensors"; CUDA driver API,
 * `cuTensorMapEncodeTiled`). Elements are plain words of their size; what a box has outside of the tensor is zero.
 */
export interface TensorMap {
  /** Where the tensor begins. */
  readonly memory:
    | { readonly kind: 'binding'; readonly binding: number }
    /** `offset`: bytes from the start of the workspace. */
    | { readonly kind: 'workspace'; readonly offset: number };
  /** Bytes from there to the first element; a multiple of 16. */
  readonly offset: number;
  readonly elementBytes: 1 | 2 | 4;
  /** Elements, of at most five dimensions; the first is dense. */
  readonly extents: readonly number[];
  /** Bytes, of every dimension but the first: multiples of 16 and of the stride before. */
  readonly strides: readonly number[];
  /** Elements that one copy takes, for each dimension. The first is 128 bytes wide: chunks of 16 bytes are swizzled. */
  readonly box: readonly number[];
}
