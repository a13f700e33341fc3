import { HalyardError } from '@halyard/core';
import type { KernelDescription } from './simulator-addon.js';

/**
 * A pointer or 64-bit integer as bigint, a structure as its bytes (a tensor map as `encodeTensorMap` gives them), or a
 * number of the type that `dataType` says.
 */
export type KernelArgument =
  | bigint
  | ArrayBufferView
  | { readonly dataType: 'int32' | 'uint32' | 'int64' | 'float32' | 'float64'; readonly value: number };

/** @throws HalyardError `bad-argument` if number or sizes differ from the kernel's */
export function packArguments(kernel: KernelDescription, given: readonly KernelArgument[]): Uint8Array {
  if (given.length !== kernel.parameters.length) {
    throw mismatch(kernel, `${given.length} arguments`, `${kernel.parameters.length}`);
  }
  const result = new Uint8Array(kernel.parameterBytes);
  for (const [index, { offset, bytes }] of kernel.parameters.entries()) {
    const value = toBytes(given[index]!);
    if (value.length !== bytes) {
      throw mismatch(kernel, `${value.length} bytes for parameter ${index}`, `${bytes} bytes`);
    }
    result.set(value, offset);
  }
  return result;
}

function toBytes(argument: KernelArgument): Uint8Array {
  if (typeof argument === 'bigint') return new Uint8Array(new BigUint64Array([argument]).buffer);
  if (ArrayBuffer.isView(argument)) return new Uint8Array(argument.buffer, argument.byteOffset, argument.byteLength);
  const { dataType, value } = argument;
  switch (dataType) {
    case 'int32':
      return new Uint8Array(new Int32Array([value]).buffer);
    case 'uint32':
      return new Uint8Array(new Uint32Array([value]).buffer);
    case 'int64':
      return new Uint8Array(new BigInt64Array([BigInt(value)]).buffer);
    case 'float32':
      return new Uint8Array(new Float32Array([value]).buffer);
    case 'float64':
      return new Uint8Array(new Float64Array([value]).buffer);
  }
}

function mismatch(kernel: KernelDescription, found: string, expected: string): HalyardError {
  const remedy = 'Give one argument per parameter, of its size';
  return new HalyardError('bad-argument', { found: `${kernel.name}: ${found}`, expected, remedy });
}
