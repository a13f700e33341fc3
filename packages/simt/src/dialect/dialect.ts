/** What differs between CUDA C++ and HIP. All else that is printed is common to both. */
export interface Dialect {
  /** Stands before everything else in a source. */
  readonly header: string;
  /** Bodies of functions whose text is the vendor's own. */
  readonly intrinsics: Intrinsics;
}

/**
 * Bodies of device functions, by what they do. `float16` is held as the bits of an `unsigned short`.
 *
 * - `halfToFloat(bits)`, `floatToHalf(value)` rounds to nearest even
 * - `shuffle(value, mask)` is the value of the lane whose index differs by `mask`; `shuffleUp(value, distance)` that of
 *   the lane so far below
 * - `any(condition)`: whether it holds in any lane of the warp
 * - `multiplyAddBytes(x, y, sum)`: `sum` and the products of the four signed bytes of x and y
 */
export interface Intrinsics {
  readonly halfToFloat: string;
  readonly floatToHalf: string;
  readonly shuffle: string;
  readonly shuffleUp: string;
  readonly any: string;
  readonly multiplyAddBytes: string;
}
