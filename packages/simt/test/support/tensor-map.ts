import type { TensorMap } from '@halyard/core';
import { encodeTensorMap } from '@halyard/simulator';

const types = { 1: 'uint8', 2: 'uint16', 4: 'uint32' } as const;

/** A launch's argument, as the backend's native part has the driver make it. */
export const encodedMap = ({ offset, elementBytes, extents, strides, box }: TensorMap, start: bigint): Uint8Array =>
  encodeTensorMap({
    dataType: types[elementBytes],
    address: start + BigInt(offset),
    dimensions: extents,
    strides,
    box,
    swizzle: 128,
  });
