import { type BlockType, type DataType, type Tensor, type Type, typeLayouts } from '../contract/index.js';
import { blockReaders } from './blocks.js';
import { type Column, isBig, numbers } from './column.js';
import { unsupportedType } from './failures.js';
import { bfloat16Values, encodeBfloat16, encodeFloat16, float16Values } from './small-floats.js';

/** The data type that elements of a tensor are read as: blocks give float32. */
export const readType = (type: Type): DataType => (type in blockReaders ? 'float32' : (type as DataType));

/** Reads `count` elements, `stride` apart from element `from` on, to `to[at]` and what follows. */
export type ElementReader = (from: number, stride: number, count: number, to: Column, at: number) => void;

/** Writes `count` elements, `stride` apart, from element `to` on; they are of the tensor's own type. */
export type ElementWriter = (from: Column, at: number, to: number, stride: number, count: number) => void;

type PlainArray =
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int8Array
  | Uint8Array
  | Uint16Array
  | BigInt64Array
  | BigUint64Array;

const arrays = {
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int8: Int8Array,
  uint8: Uint8Array,
} as const;

/** The bytes as elements; a copy where they do not lie at a multiple of the element's size. */
function asArray(type: keyof typeof arrays, bytes: Uint8Array): PlainArray {
  const size = typeLayouts[type].bytes;
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return new arrays[type](aligned.buffer as ArrayBuffer, aligned.byteOffset, Math.floor(aligned.length / size));
}

export function elementReader(tensor: Tensor, bytes: Uint8Array): ElementReader {
  const { type } = tensor;
  if (type in blockReaders) return blockElementReader(tensor, bytes);
  if (type === 'int4' || type === 'uint4') return nibbleReader(tensor, bytes);
  if (!(type in arrays)) throw unsupportedType(type);
  const source = asArray(type as keyof typeof arrays, bytes);
  if (type === 'float16' || type === 'bfloat16') {
    const values = type === 'float16' ? float16Values() : bfloat16Values();
    const halves = source as Uint16Array;
    return (from, stride, count, to, at) => {
      const target = numbers(to);
      for (let i = 0; i < count; i++) target[at + i] = values[halves[from + i * stride]!]!;
    };
  }
  if (isBig(type as DataType)) {
    return (from, stride, count, to, at) => {
      for (let i = 0; i < count; i++) to[at + i] = source[from + i * stride]!;
    };
  }
  return plainReader(source as Float32Array);
}

function plainReader(source: Float32Array): ElementReader {
  return (from, stride, count, to, at) => {
    const target = numbers(to);
    if (stride === 1) target.set(source.subarray(from, from + count), at);
    else for (let i = 0; i < count; i++) target[at + i] = source[from + i * stride]!;
  };
}

/** Elements counted without the padding that a row of whole blocks or bytes may have. */
function rowsOf(tensor: Tensor): { readonly extent: number; readonly bytesPerRow: number } {
  const layout = typeLayouts[tensor.type];
  const extent = tensor.shape.at(-1) ?? 1;
  return { extent, bytesPerRow: Math.ceil(extent / layout.elements) * layout.bytes };
}

function nibbleReader(tensor: Tensor, bytes: Uint8Array): ElementReader {
  const { extent, bytesPerRow } = rowsOf(tensor);
  const shift = tensor.type === 'int4' ? 28 : 0;
  return (from, stride, count, to, at) => {
    for (let i = 0; i < count; i++) {
      const element = from + i * stride;
      const column = element % extent;
      const byte = bytes[((element - column) / extent) * bytesPerRow + (column >> 1)]!;
      const nibble = (byte >> ((column & 1) * 4)) & 15;
      to[at + i] = (nibble << shift) >> shift;
    }
  };
}

function blockElementReader(tensor: Tensor, bytes: Uint8Array): ElementReader {
  const layout = typeLayouts[tensor.type];
  const readBlock = blockReaders[tensor.type as BlockType];
  const { extent, bytesPerRow } = rowsOf(tensor);
  const block = new Float64Array(layout.elements);
  let held = -1;
  return (from, stride, count, to, at) => {
    const target = numbers(to);
    for (let i = 0; i < count; ) {
      const element = from + i * stride;
      const column = element % extent;
      const within = column % layout.elements;
      const position =
        ((element - column) / extent) * bytesPerRow + ((column - within) / layout.elements) * layout.bytes;
      if (stride === 1 && within === 0 && count - i >= layout.elements && extent - column >= layout.elements) {
        readBlock(bytes, position, target, at + i);
        i += layout.elements;
        continue;
      }
      if (held !== position) readBlock(bytes, position, block, 0);
      held = position;
      target[at + i] = block[within]!;
      i++;
    }
  };
}

/** @throws HalyardError `unsupported` for types that are only read: blocks, 4-bit integers, 8-bit floats */
export function elementWriter(tensor: Tensor, bytes: Uint8Array): ElementWriter {
  const { type } = tensor;
  if (!(type in arrays)) throw unsupportedType(type);
  const size = typeLayouts[type].bytes;
  const aligned = bytes.byteOffset % size === 0;
  const target = asArray(type as keyof typeof arrays, bytes) as Float32Array;
  const encode = type === 'float16' ? encodeFloat16 : type === 'bfloat16' ? encodeBfloat16 : undefined;
  return (from, at, to, stride, count) => {
    const source = numbers(from);
    for (let i = 0; i < count; i++) {
      const value = source[at + i]!;
      target[to + i * stride] = encode ? encode(value) : value;
    }
    if (!aligned) bytes.set(new Uint8Array(target.buffer, target.byteOffset, bytes.length));
  };
}
