import { attempt } from './attempt.js';
import { loadSimulatorAddon } from './simulator-addon.js';

/** In the order of the driver's numbers for them. */
const dataTypes = [
  'uint8',
  'uint16',
  'uint32',
  'int32',
  'uint64',
  'int64',
  'float16',
  'float32',
  'float64',
  'bfloat16',
  'float32-flushed',
  'tfloat32',
  'tfloat32-flushed',
] as const;
const swizzles = ['none', 32, 64, 128] as const;

export type TensorMapDataType = (typeof dataTypes)[number];

/** A tensor in global memory, and the box of it that one bulk copy moves. */
export interface TensorMapOptions {
  readonly dataType: TensorMapDataType;
  /** Of the tensor, a multiple of 16 bytes. */
  readonly address: bigint;
  /** In elements, 1 to 5 of them, the innermost first. */
  readonly dimensions: readonly number[];
  /** In bytes, multiples of 16, of all dimensions but the innermost. */
  readonly strides: readonly number[];
  /** In elements, at most 256 each; a row is a multiple of 16 bytes. */
  readonly box: readonly number[];
  /** 1 each unless said. */
  readonly elementStrides?: readonly number[];
  /** How the rows of the box are mixed in shared memory, in bytes; `none` unless said. A row is at most that long. */
  readonly swizzle?: (typeof swizzles)[number];
}

/**
 * A tensor map for `cp.async.bulk.tensor`, as `cuTensorMapEncodeTiled` of the CUDA driver makes them: 128 bytes, to be
 * given to a simulated kernel as its argument of the type `const __grid_constant__ CUtensorMap`, or to be written to
 * global memory at a multiple of 64. Elements outside of the tensor are read as zeros and never written. Maps that are
 * interleaved or fill with NaN are not known.
 *
 * The bytes mean something to the simulator alone.
 *
 * @throws HalyardError `bad-argument` for what the driver refuses, saying which of its rules is broken
 */
export function encodeTensorMap(options: TensorMapOptions): Uint8Array {
  const elementStrides = options.elementStrides ?? options.dimensions.map(() => 1);
  const dataType = dataTypes.indexOf(options.dataType);
  const swizzle = swizzles.indexOf(options.swizzle ?? 'none');
  return attempt('a tensor map that the driver takes', () =>
    loadSimulatorAddon().encodeTensorMap({ ...options, elementStrides, dataType, swizzle }),
  );
}
