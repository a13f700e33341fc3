import { byteLength, type ConstantSource, type DataType } from '../../contract/index.js';
import type { ModuleTensor } from '../module.js';

/** The bytes of a constant, if they are in memory and not more than `limit`; files are never read here. */
export function constantBytes(tensor: ModuleTensor, limit: number): Uint8Array | undefined {
  if (tensor.origin.kind !== 'constant' || byteLength(tensor.type, tensor.shape) > limit) return undefined;
  return joinedBytes(tensor.origin.source);
}

function joinedBytes({ parts }: ConstantSource): Uint8Array | undefined {
  const data: Uint8Array[] = [];
  for (const part of parts) {
    if (!('data' in part)) return undefined;
    data.push(part.data);
  }
  const bytes = new Uint8Array(data.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of data) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}

/**
 * The first element as the value of a `constant` instruction; `undefined` for types whose values no instruction needs
 * to say.
 */
export function scalarValue(bytes: Uint8Array, type: DataType): number | string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case 'float32':
      return literal(view.getFloat32(0, true));
    case 'bfloat16':
      return literal(bfloat16(view.getUint16(0, true)));
    case 'float16':
      return literal(float16(view.getUint16(0, true)));
    case 'int64':
      return `${view.getBigInt64(0, true)}`;
    case 'uint64':
      return `${view.getBigUint64(0, true)}`;
    case 'int32':
      return view.getInt32(0, true);
    case 'uint32':
      return view.getUint32(0, true);
    case 'int8':
      return view.getInt8(0);
    case 'uint8':
      return view.getUint8(0);
    default:
      return undefined;
  }
}

function literal(value: number): number | string {
  return Number.isFinite(value) ? value : `${value}`;
}

function bfloat16(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits << 16);
  return view.getFloat32(0);
}

function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024) : sign * 2 ** -14 * (fraction / 1024);
}
