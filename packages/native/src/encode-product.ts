import type { LibraryMatrix, LibraryProduct } from '@halyard/core';
import { ByteWriter } from './byte-writer.js';
import { typeCodes } from './codes.js';

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
