import type { Type } from '../contract/index.js';

/** A matrix as BLAS has it, column-major: element (row, column) is at row + column · leading. */
export interface LibraryMatrix {
  readonly type: Type;
  /** What lies in memory is the transpose. */
  readonly isTransposed: boolean;
  /** Elements. */
  readonly leading: number;
  /** Elements; 0 where all batches have the same matrix. */
  readonly batchStride: number;
  /** Bytes from the address that the launch's argument gives. */
  readonly offset: number;
  /** Bytes, a power of two up to 256; every address is a multiple. */
  readonly alignment: number;
}

/**
 * d [rows, columns] = a [rows, depth] · b [depth, columns], or that plus one number of d's type for each row of d, done by
 * the vendor's library. The launch's arguments are a, b, d, the bias if there is one, and scratch memory if there is any.
 */
export interface LibraryProduct {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly batches: number;
  /** What the library may round operands to as it multiplies, and what it adds up in. */
  readonly compute: 'float32' | 'tfloat32' | 'bfloat16' | 'float16' | 'int32';
  readonly a: LibraryMatrix;
  readonly b: LibraryMatrix;
  readonly d: LibraryMatrix;
  /** As those of a matrix. */
  readonly bias?: { readonly offset: number; readonly alignment: number };
  /** In a question the most that may be had; in an answer, and in a launch, what there is. */
  readonly workspaceBytes: number;
  /** The library's own description of how it goes about it, in hexadecimal digits; empty in a question. */
  readonly algorithm: string;
}
