import { open } from 'node:fs/promises';
import { byteLength, type Type } from '@halyard/core';
import { badFile, quote } from './bad-file.js';
import { checkDisjoint } from './disjoint.js';
import { readFileIdentity } from './file-identity.js';
import type { WeightTensor } from './weights.js';

/** A safetensors file's header, checked throughout. Plain data; the weights stay in the file. */
export interface SafetensorsFile {
  readonly path: string;
  readonly identity: string;
  readonly tensors: readonly WeightTensor[];
}

const types: Readonly<Record<string, Type>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  U32: 'uint32',
  U64: 'uint64',
  I8: 'int8',
  U8: 'uint8',
};

/** The reference implementation takes no longer headers either. */
const greatestHeaderBytes = 100_000_000;

/**
 * Reads the header of a safetensors file.
 *
 * Source: https://github.com/huggingface/safetensors, section "Format"
 *
 * @throws HalyardError `not-found`, or `bad-file` with the field that is wrong
 */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  const { bytes, identity } = await readFileIdentity(path);
  const header = await readHeader(path, bytes);
  const dataOffset = 8 + header.bytes;
  const entries = Object.entries(header.json).filter(([name]) => name !== '__metadata__');
  const tensors = entries.map(([name, entry]) => checkTensor(path, name, entry, dataOffset, bytes));
  checkDisjoint(path, tensors);
  return { path, identity, tensors };
}

async function readHeader(path: string, fileBytes: number): Promise<{ json: object; bytes: number }> {
  const field = 'the header length';
  if (fileBytes < 10) {
    throw badFile({ path, field: 'the file', found: `${fileBytes} bytes long`, expected: 'is at least 10 bytes long' });
  }
  const file = await open(path, 'r');
  try {
    const start = Buffer.alloc(8);
    await file.read(start, 0, 8, 0);
    const length = start.readBigUInt64LE(0);
    const most = Math.min(fileBytes - 8, greatestHeaderBytes);
    if (length < 2n || length > BigInt(most)) {
      throw badFile({ path, field, found: `${length}`, expected: `is from 2 to ${most} bytes` });
    }
    const content = Buffer.alloc(Number(length));
    await file.read(content, 0, content.length, 8);
    return { json: parseHeader(path, content), bytes: content.length };
  } finally {
    await file.close();
  }
}

function parseHeader(path: string, content: Buffer): object {
  const problem = { path, field: 'the header', expected: 'is a JSON object in UTF-8' };
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content));
  } catch (cause) {
    throw badFile({ ...problem, found: `unreadable: ${quote((cause as Error).message)}`, cause });
  }
  if (json === null || typeof json !== 'object' || Array.isArray(json))
    throw badFile({ ...problem, found: quote(json) });
  return json;
}

function checkTensor(path: string, name: string, entry: unknown, dataOffset: number, fileBytes: number): WeightTensor {
  const field = (part: string) => `${quote(name)}: ${part}`;
  const { dtype, shape, data_offsets: range } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string') {
    throw badFile({ path, field: field('dtype'), found: quote(dtype), expected: 'is a string' });
  }
  if (!isCounts(shape) || shape.length > 8 || shape.reduce((product, extent) => product * extent, 1) > 2 ** 48) {
    const expected = 'is an array of up to 8 whole numbers that make no more than 2^48 elements';
    throw badFile({ path, field: field('shape'), found: quote(JSON.stringify(shape)), expected });
  }
  const room = fileBytes - dataOffset;
  if (!isCounts(range) || range.length !== 2 || range[0]! > range[1]! || range[1]! > room) {
    const expected = `is a range of bytes within the ${room} bytes of data in the file`;
    throw badFile({ path, field: field('data_offsets'), found: quote(JSON.stringify(range)), expected });
  }
  const [begin, end] = range as [number, number];
  const type = Object.hasOwn(types, dtype) ? types[dtype] : undefined;
  if (type !== undefined && byteLength(type, shape) !== end - begin) {
    const expected = `spans ${byteLength(type, shape)} bytes, as ${dtype}[${shape.join(', ')}] takes`;
    throw badFile({ path, field: field('data_offsets'), found: `[${begin}, ${end}]`, expected });
  }
  const part = { path, offset: dataOffset + begin, bytes: end - begin };
  return { name, type: type ?? { unsupported: dtype }, shape, part };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && entry >= 0);
}
