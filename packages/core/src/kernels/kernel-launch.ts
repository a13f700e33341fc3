import type { LibraryProduct } from './library-product.js';
import type { TensorMap } from './tensor-map.js';

/**
 * What a kernel is given. Addresses are those of the memory's start, plus `offset` bytes: offsets and strides of views,
 * and where a tensor begins in its binding, are the kernel's own business.
 */
export type KernelArgument =
  | { readonly kind: 'binding'; readonly binding: number }
  /** In the program's own workspace. */
  | { readonly kind: 'workspace'; readonly offset: number }
  /** In what a generated program asks for behind it. */
  | { readonly kind: 'scratch'; readonly offset: number }
  | { readonly kind: 'packed'; readonly packed: number }
  /** Passed by value: a view of memory in the form that the device's driver encodes. */
  | { readonly kind: 'tensor-map'; readonly map: TensorMap }
  | { readonly kind: 'scalar'; readonly dataType: 'int32' | 'int64' | 'float32'; readonly value: number };

export type LaunchExtents = readonly [x: number, y: number, z: number];

/** One launch of a kernel, or a product that the vendor's library does: then module, grid and block mean nothing. */
export interface KernelLaunch {
  /** Of the program that it belongs to. */
  readonly step: number;
  /** The `extern "C"` entry. */
  readonly kernel: string;
  readonly module: number;
  /** Blocks. */
  readonly grid: LaunchExtents;
  /** Threads. */
  readonly block: LaunchExtents;
  readonly dynamicSharedBytes: number;
  readonly arguments: readonly KernelArgument[];
  /** Earlier launches to wait for. */
  readonly after: readonly number[];
  readonly product?: LibraryProduct;
}
