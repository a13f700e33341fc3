import type { KernelArgument, KernelLaunch, Packed, TensorMap } from '@halyard/core';
import { ByteWriter } from './byte-writer.js';
import { writeProduct } from './encode-product.js';

/** A program as compiled modules and launches. */
export interface KernelList {
  /** As the device's driver loads them. */
  readonly modules: readonly string[];
  readonly launches: readonly KernelLaunch[];
  readonly scratchBytes: number;
  readonly packed: readonly Packed[];
}

const magic = 0x4b594c48; // "HLYK"
/** Raised with every change of the form; packages/native/native/kernels.cpp reads exactly this one. */
const formatVersion = 3;
const codes = { binding: 0, workspace: 1, scratch: 2, packed: 3, int32: 4, int64: 5, float32: 6 } as const;

/** Kernels in the binary form that every addon decodes (include/halyard/kernels.h). */
export function encodeKernels({ modules, launches, scratchBytes, packed }: KernelList): Uint8Array {
  const writer = new ByteWriter();
  writer.uint32(magic);
  writer.uint32(formatVersion);
  writer.int64(scratchBytes);
  writer.uint32(modules.length);
  for (const module of modules) writer.text(module);
  writer.uint32(packed.length);
  for (const { constants, layout, bytes } of packed) {
    writeIndices(writer, constants);
    writer.text(layout);
    writer.int64(bytes);
  }
  writer.uint32(launches.length);
  for (const launch of launches) writeLaunch(writer, launch);
  return writer.finish();
}

function writeLaunch(writer: ByteWriter, launch: KernelLaunch): void {
  writer.int32(launch.step);
  writer.int32(launch.module);
  writer.text(launch.kernel);
  for (const extent of [...launch.grid, ...launch.block]) writer.uint32(extent);
  writer.uint32(launch.dynamicSharedBytes);
  writer.uint32(launch.arguments.length);
  for (const argument of launch.arguments) writeArgument(writer, argument);
  writeIndices(writer, launch.after);
  writer.boolean(launch.product !== undefined);
  if (launch.product) writeProduct(writer, launch.product);
}

function writeArgument(writer: ByteWriter, argument: KernelArgument): void {
  if (argument.kind === 'scalar') {
    const isFloat = argument.dataType === 'float32';
    writer.uint8(codes[argument.dataType]);
    writer.int64(isFloat ? 0 : argument.value);
    writer.float64(isFloat ? argument.value : 0);
    writer.uint8(0);
    return;
  }
  const place = argument.kind === 'tensor-map' ? argument.map.memory : argument;
  writer.uint8(codes[place.kind]);
  writer.int64(addressOf(place));
  writer.float64(0);
  writer.uint8(argument.kind === 'tensor-map' ? 1 : 0);
  if (argument.kind === 'tensor-map') writeTensorMap(writer, argument.map);
}

function writeTensorMap(writer: ByteWriter, { offset, elementBytes, extents, strides, box }: TensorMap): void {
  writer.int64(offset);
  writer.uint32(elementBytes);
  writer.uint32(extents.length);
  for (const extent of extents) writer.int64(extent);
  for (const stride of strides) writer.int64(stride);
  for (const extent of box) writer.uint32(extent);
}

function addressOf(argument: Exclude<KernelArgument, { kind: 'scalar' | 'tensor-map' }>): number {
  if (argument.kind === 'binding') return argument.binding;
  return argument.kind === 'packed' ? argument.packed : argument.offset;
}

function writeIndices(writer: ByteWriter, indices: readonly number[]): void {
  writer.uint32(indices.length);
  for (const index of indices) writer.int32(index);
}
