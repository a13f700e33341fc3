import { byteLength, type Tensor } from '@halyard/core';

/** Bytes; every binding and every tensor in the workspace starts at a multiple, and words of no more are loaded. */
export const memoryAlignment = 16;

/** Whether two tensors share memory. */
export function overlaps(a: Tensor, b: Tensor): boolean {
  const holder = ({ at }: Tensor) => (typeof at === 'object' ? at.binding : at);
  if (holder(a) !== holder(b)) return false;
  const end = (tensor: Tensor) => tensor.offset + byteLength(tensor.type, tensor.shape);
  return a.offset < end(b) && b.offset < end(a);
}

/** The greatest power of two, up to {@link memoryAlignment}, at a multiple of which a tensor's bytes begin. */
export function alignmentOf(tensor: Tensor): number {
  let alignment = memoryAlignment;
  while (tensor.offset % alignment !== 0) alignment /= 2;
  return alignment;
}
