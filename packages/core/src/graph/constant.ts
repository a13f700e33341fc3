import { byteLength, type ConstantSource } from '../contract/index.js';
import { blockTypes, type ElementType, type MLOperandDataType } from './data-types.js';
import { describe, rejectArgument } from './errors.js';
import { fingerprintOf } from './fingerprint.js';
import type { MLOperandDescriptor } from './operand.js';
import { encodeScalar } from './scalar.js';

/** Bytes for a constant: an ArrayBuffer or DataView holds them as they are, a typed array has to fit the data type. */
export type MLConstantData = ArrayBuffer | SharedArrayBuffer | ArrayBufferView;

/** A tensor that a context made by `createConstantTensor`. */
export interface ConstantTensor extends MLOperandDescriptor {
  readonly constantSource: ConstantSource;
}

const arrayNames: Record<ElementType, readonly string[]> = {
  float32: ['Float32Array'],
  float16: ['Uint16Array', 'Float16Array'],
  bfloat16: ['Uint16Array'],
  int64: ['BigInt64Array'],
  uint64: ['BigUint64Array'],
  int32: ['Int32Array'],
  uint32: ['Uint32Array'],
  int8: ['Int8Array'],
  uint8: ['Uint8Array', 'Uint8ClampedArray'],
};

/** Where the bytes of a constant come from. Bytes in memory are copied: what the caller changes later has no effect. */
export function constantSource(
  where: string,
  descriptor: MLOperandDescriptor,
  data: MLConstantData | ConstantSource,
): ConstantSource {
  const expected = byteLength(descriptor.dataType, descriptor.shape);
  if (isConstantSource(data)) {
    const found = data.parts.reduce((sum, part) => sum + ('data' in part ? part.data.byteLength : part.bytes), 0);
    checkLength(where, found, expected);
    return data;
  }
  const bytes = bytesOf(where, descriptor.dataType, data);
  checkLength(where, bytes.byteLength, expected);
  const copy = bytes.slice();
  return { fingerprint: fingerprintOf(copy), parts: [{ data: copy }] };
}

/** The source of a scalar that was cast to its data type. */
export function scalarSource(value: number | string, dataType: ElementType): ConstantSource {
  const data = encodeScalar(value, dataType);
  return { fingerprint: fingerprintOf(data), parts: [{ data }] };
}

export function isConstantSource(data: unknown): data is ConstantSource {
  return typeof data === 'object' && data !== null && 'parts' in data && 'fingerprint' in data;
}

export function isConstantTensor(value: unknown): value is ConstantTensor {
  return typeof value === 'object' && value !== null && 'constantSource' in value;
}

function bytesOf(where: string, dataType: MLOperandDataType, data: unknown): Uint8Array {
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return new Uint8Array(data);
  if (!ArrayBuffer.isView(data)) {
    rejectArgument(where, describe(data), 'a buffer, a typed array or a ConstantSource', 'Pass the bytes.');
  }
  const name = Object.prototype.toString.call(data).slice('[object '.length, -1);
  const isBlocks = (blockTypes as readonly string[]).includes(dataType);
  const fitting = isBlocks ? ['Uint8Array'] : arrayNames[dataType as ElementType];
  if (name !== 'DataView' && !fitting.includes(name)) {
    rejectArgument(
      where,
      `a ${name} for ${dataType}`,
      fitting.join(' or '),
      'Pass a matching typed array, or its buffer if it holds the raw bytes.',
    );
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function checkLength(where: string, found: number, expected: number): void {
  if (found === expected) return;
  rejectArgument(where, `${found} bytes`, `${expected} bytes`, 'Pass as many elements as the shape has.');
}
