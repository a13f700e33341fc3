import { byteLength, type Tensor, type Type } from '@halyard/core';
import type { OneStep } from './matrix-steps.js';

/** Floats between −1 and 1, the same for the same seed. */
export function randomFloats(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

const scratch = new DataView(new ArrayBuffer(4));

function float32Bits(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}

/** Cut off, not rounded. Values below 2⁻¹⁴ become 0. */
function float16Bits(value: number): number {
  const bits = float32Bits(value);
  const exponent = ((bits >>> 23) & 255) - 112;
  const sign = (bits >>> 16) & 0x8000;
  return exponent <= 0 ? sign : sign | (exponent << 10) | ((bits >>> 13) & 1023);
}

/** Where each block of a format has float16 scales. */
const scales: Readonly<Partial<Record<Type, { readonly bytes: number; readonly at: readonly number[] }>>> = {
  q4_0: { bytes: 18, at: [0] },
  q4_1: { bytes: 20, at: [0, 2] },
  q8_0: { bytes: 34, at: [0] },
  q4_k: { bytes: 144, at: [0, 2] },
  q6_k: { bytes: 210, at: [208] },
};

/** Bytes of a tensor with random elements. */
export function randomBytes({ type, shape }: Pick<Tensor, 'type' | 'shape'>, next: () => number): Uint8Array {
  const bytes = new Uint8Array(byteLength(type, shape));
  const { length } = bytes;
  if (type === 'float32') return new Uint8Array(Float32Array.from({ length: length / 4 }, next).buffer);
  if (type === 'float16')
    return new Uint8Array(Uint16Array.from({ length: length / 2 }, () => float16Bits(next())).buffer);
  if (type === 'bfloat16')
    return new Uint8Array(Uint16Array.from({ length: length / 2 }, () => float32Bits(next()) >>> 16).buffer);
  for (let i = 0; i < length; i++) bytes[i] = Math.floor((next() + 1) * 127.99);
  const format = scales[type];
  if (!format) return bytes;
  for (let block = 0; block < length; block += format.bytes) {
    for (const at of format.at) {
      const bits = float16Bits(next() / 16);
      bytes[block + at] = bits & 255;
      bytes[block + at + 1] = bits >> 8;
    }
  }
  return bytes;
}

/** Bytes of all tensors of a step; lengths and tables of pages as given. */
export function fillStep(
  { tensors, step }: OneStep<string>,
  seed: number,
  lengths: readonly number[] = [],
): Uint8Array[] {
  const next = randomFloats(seed);
  const outputs = new Set(step.outputs.map(({ tensor }) => tensor));
  return tensors.map((tensor, index) => {
    if (outputs.has(index)) return new Uint8Array(byteLength(tensor.type, tensor.shape));
    if (tensor.type !== 'int32') return randomBytes(tensor, next);
    if (tensor.shape.length === 1) return new Uint8Array(Int32Array.from(lengths).buffer);
    const pages = tensor.shape[0]! * tensor.shape[1]!;
    return new Uint8Array(Int32Array.from({ length: pages }, (_, page) => (page * 7 + 3) % pages).buffer);
  });
}
