import { typeLayouts, type View } from '@halyard/core';
import { isPacked, wordFor } from '../expression/index.js';
import type { KernelWriter } from '../kernel/kernel-writer.js';

/**
 * How many neighbours along the last axis a thread takes at once: as many as the narrowest view that has them side by
 * side moves in one word of 128 bits.
 *
 * @param shape of the whole; a shape of one axis need not be a multiple, as its end is done one by one
 */
export function widthFor(
  writer: KernelWriter,
  reads: readonly View[],
  writes: readonly View[],
  shape: readonly number[],
): number {
  const extent = shape.at(-1);
  if (extent === undefined) return 1;
  const sizes = [...reads, ...writes]
    .filter((view) => view.strides.at(-1) === 1 && !isPacked(writer.tensor(view.tensor).type))
    .map((view) => typeLayouts[writer.tensor(view.tensor).type].bytes);
  if (sizes.length === 0) return 1;
  let width = Math.min(16 / Math.min(...sizes), Math.max(...sizes) === 1 ? 16 : 8);
  const fits = () => extent % width === 0 || (shape.length === 1 && extent >= width);
  const isWordWise = () =>
    writes.some((view) => wordFor(writer, view, { coordinates: [], axis: view.shape.length - 1, width }));
  while (width > 1 && !(fits() && isWordWise())) width /= 2;
  return width;
}
