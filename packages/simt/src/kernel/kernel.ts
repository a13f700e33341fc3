import type { KernelChoice, Packed } from '@halyard/core';
import type { LibraryProduct } from './library-product.js';
import type { TensorMap } from './tensor-map.js';

/**
 * What a kernel is given. Addresses are those of the memory's start: offsets and strides of views, and where a tensor
 * begins in its binding or the workspace, are constants of the source.
 */
export type Argument =
  | { readonly kind: 'binding'; readonly binding: number }
  /** `offset`: bytes in the program's own workspace. */
  | { readonly kind: 'workspace'; readonly offset: number }
  /** `offset`: bytes in what a generated program asks for behind it. */
  | { readonly kind: 'scratch'; readonly offset: number }
  | { readonly kind: 'packed'; readonly packed: number }
  /** 128 bytes that describe a tensor, passed by value. */
  | { readonly kind: 'tensor-map'; readonly map: TensorMap }
  | { readonly kind: 'scalar'; readonly dataType: 'int32' | 'int64' | 'float32'; readonly value: number };

export type Extents = readonly [x: number, y: number, z: number];

/** One launch of a kernel, or a product that the vendor's library does: then module, grid and block mean nothing. */
export interface Launch {
  /** Of the program that it belongs to. */
  readonly step: number;
  /** The `extern "C"` entry. */
  readonly kernel: string;
  readonly module: number;
  /** Blocks. */
  readonly grid: Extents;
  /** Threads. */
  readonly block: Extents;
  readonly dynamicSharedBytes: number;
  readonly arguments: readonly Argument[];
  /** Launches to wait for. */
  readonly after: readonly number[];
  readonly product?: LibraryProduct;
}

/** A program as sources and launches. Plain data. */
export interface GeneratedProgram {
  readonly modules: readonly { readonly source: string }[];
  /** In an order that may be run as it stands. */
  readonly launches: readonly Launch[];
  /** Behind the program's own workspace. */
  readonly scratchBytes: number;
  readonly packed: readonly Packed[];
  readonly choices: readonly KernelChoice[];
}
