import { writeFile } from 'node:fs/promises';
import { byteLength, type Type } from '@halyard/core';

/** Value types of GGUF's pairs. */
const valueTypes = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;

export const ggmlTypes = {
  float32: 0,
  float16: 1,
  q4_0: 2,
  q4_1: 3,
  q8_0: 8,
  q4_k: 12,
  q6_k: 14,
  bfloat16: 30,
} as const;

type Pair = string | number | boolean | readonly string[] | readonly number[] | { readonly float: number };

export interface TensorToWrite {
  readonly name: string;
  readonly type: keyof typeof ggmlTypes;
  /** Outermost first. */
  readonly shape: readonly number[];
  /** Zeros if left out. */
  readonly data?: Uint8Array;
}

/** A whole number is written as uint32, `{ float }` and fractions as float32; arrays of numbers likewise, as a whole. */
export function encodeGguf(pairs: Readonly<Record<string, Pair>>, tensors: readonly TensorToWrite[]): Uint8Array {
  const header = new Bytes();
  header.raw(Buffer.from('GGUF'));
  header.uint32(3);
  header.uint64(tensors.length);
  header.uint64(Object.keys(pairs).length);
  for (const [key, value] of Object.entries(pairs)) {
    header.string(key);
    writeValue(header, value);
  }
  let offset = 0;
  const data: { offset: number; bytes: Uint8Array }[] = [];
  for (const { name, type, shape, data: content } of tensors) {
    header.string(name);
    header.uint32(shape.length);
    for (const extent of [...shape].reverse()) header.uint64(extent);
    header.uint32(ggmlTypes[type]);
    header.uint64(offset);
    const bytes = content ?? new Uint8Array(byteLength(type as Type, shape));
    data.push({ offset, bytes });
    offset = align(offset + bytes.length);
  }
  const start = align(header.length);
  const file = new Uint8Array(start + offset);
  file.set(header.toUint8Array());
  for (const tensor of data) file.set(tensor.bytes, start + tensor.offset);
  return file;
}

export async function writeGguf(
  path: string,
  pairs: Readonly<Record<string, Pair>>,
  tensors: readonly TensorToWrite[],
): Promise<string> {
  await writeFile(path, encodeGguf(pairs, tensors));
  return path;
}

const align = (bytes: number) => Math.ceil(bytes / 32) * 32;

function writeValue(to: Bytes, value: Pair): void {
  if (Array.isArray(value)) {
    const type = typeof value[0] === 'string' ? 'string' : value.every(Number.isInteger) ? 'int32' : 'float32';
    to.uint32(valueTypes.array);
    to.uint32(valueTypes[type]);
    to.uint64(value.length);
    for (const entry of value) writeScalar(to, type, entry as string | number);
    return;
  }
  const scalar = typeof value === 'object' ? (value as { float: number }).float : value;
  const type =
    typeof scalar === 'string'
      ? 'string'
      : typeof scalar === 'boolean'
        ? 'bool'
        : typeof value !== 'object' && Number.isInteger(scalar)
          ? 'uint32'
          : 'float32';
  to.uint32(valueTypes[type]);
  writeScalar(to, type, scalar as string | number | boolean);
}

function writeScalar(to: Bytes, type: keyof typeof valueTypes, value: string | number | boolean): void {
  if (type === 'string') to.string(value as string);
  else if (type === 'bool') to.raw(Uint8Array.of(value ? 1 : 0));
  else if (type === 'float32') to.raw(new Uint8Array(Float32Array.of(value as number).buffer));
  else to.uint32((value as number) >>> 0);
}

class Bytes {
  readonly #parts: Uint8Array[] = [];
  length = 0;

  raw(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.length += bytes.length;
  }

  uint32(value: number): void {
    this.raw(new Uint8Array(Uint32Array.of(value).buffer));
  }

  uint64(value: number): void {
    this.raw(new Uint8Array(BigUint64Array.of(BigInt(value)).buffer));
  }

  string(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.uint64(bytes.length);
    this.raw(bytes);
  }

  toUint8Array(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}
