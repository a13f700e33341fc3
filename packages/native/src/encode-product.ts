import type { Type } from '@halyard/core';
import { ByteWriter } from './byte-writer.js';
import { typeCodes } from './codes.js';

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
  /** Bytes; every address is a multiple. */
  readonly alignment: number;
}

/**
 * d [rows, columns] = a [rows, depth] · b [depth, columns], or that plus one number of d's type for each row of d, done by
 * the vendor's library.
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
  readonly bias?: { readonly offset: number; readonly alignment: number };
  /** In a question the most that may be had; in an answer, and in a launch, what there is. */
  readonly workspaceBytes: number;
  /** The library's own description of how it goes about it, in hexadecimal digits; empty in a question. */
  readonly algorithm: string;
}

const computeCodes = { float32: 0, tfloat32: 1, bfloat16: 2, float16: 3, int32: 4 } as const;

/** Products in the binary form that every addon decodes (include/halyard/library_product.h). */
export function encodeProducts(products: readonly LibraryProduct[]): Uint8Array {
  const writer = new ByteWriter();
  writer.uint32(products.length);
  for (const product of products) writeProduct(writer, product);
  return writer.finish();
}

export function writeProduct(writer: ByteWriter, product: LibraryProduct): void {
  const { rows, columns, depth, batches, compute, a, b, d, bias, workspaceBytes, algorithm } = product;
  for (const extent of [rows, columns, depth, batches]) writer.int64(extent);
  writer.uint8(computeCodes[compute]);
  for (const matrix of [a, b, d]) writeMatrix(writer, matrix);
  writer.boolean(bias !== undefined);
  writer.int64(bias?.offset ?? 0);
  writer.int64(bias?.alignment ?? 1);
  writer.int64(workspaceBytes);
  writer.text(algorithm);
}

function writeMatrix(writer: ByteWriter, { type, isTransposed, ...places }: LibraryMatrix): void {
  writer.uint8(typeCodes[type]);
  writer.boolean(isTransposed);
  for (const place of [places.leading, places.batchStride, places.offset, places.alignment]) writer.int64(place);
}
