import type { ggmlTypes } from './gguf-writer.js';

export type WeightType = keyof typeof ggmlTypes;

/** Weights in a file's format, and the numbers that they stand for, by formulas written down from ggml's definition. */
export interface EncodedWeights {
  readonly data: Uint8Array;
  readonly values: Float32Array;
}

/** Random weights of about the given size, stored as `type`. The count is a multiple of the format's block. */
export function randomWeights(type: WeightType, count: number, size: number, random: () => number): EncodedWeights {
  const around = () => (random() * 2 - 1) * size;
  switch (type) {
    case 'float32': {
      const values = Float32Array.from({ length: count }, around);
      return { data: new Uint8Array(values.buffer), values };
    }
    case 'float16':
    case 'bfloat16': {
      const bits = Uint16Array.from({ length: count }, () => (type === 'float16' ? toHalf : toBrain)(around()));
      const values = Float32Array.from(bits, type === 'float16' ? fromHalf : fromBrain);
      return { data: new Uint8Array(bits.buffer), values };
    }
    default:
      return blocks(type, count, size, random);
  }
}

type BlockFormat = Exclude<WeightType, 'float32' | 'float16' | 'bfloat16'>;

const layouts: Record<BlockFormat, { elements: number; bytes: number; greatest: number }> = {
  q4_0: { elements: 32, bytes: 18, greatest: 8 },
  q4_1: { elements: 32, bytes: 20, greatest: 15 },
  q8_0: { elements: 32, bytes: 34, greatest: 127 },
  q4_k: { elements: 256, bytes: 144, greatest: 15 * 63 },
  q6_k: { elements: 256, bytes: 210, greatest: 32 * 127 },
};

function blocks(type: BlockFormat, count: number, size: number, random: () => number): EncodedWeights {
  const { elements, bytes, greatest } = layouts[type];
  const data = Uint8Array.from({ length: (count / elements) * bytes }, () => Math.floor(random() * 256));
  const values = new Float32Array(count);
  for (let block = 0; block < count / elements; block++) {
    const content = data.subarray(block * bytes, (block + 1) * bytes);
    const half = (at: number, value: number) =>
      new DataView(content.buffer, content.byteOffset).setUint16(at, toHalf(value), true);
    const scale = (size / greatest) * (0.5 + random() / 2);
    if (type === 'q6_k') half(208, scale);
    else half(0, scale);
    if (type === 'q4_1') half(2, -size * (0.4 + random() / 5));
    if (type === 'q4_k') half(2, (size / 63) * (0.4 + random() / 5));
    dequantizeBlock(type, content, values.subarray(block * elements, (block + 1) * elements));
  }
  return { data, values };
}

/** Source: ggml's `ggml-common.h` (layout) and `ggml-quants.c` (meaning). */
function dequantizeBlock(type: BlockFormat, block: Uint8Array, to: Float32Array): void {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const half = (at: number) => fromHalf(view.getUint16(at, true));
  for (let i = 0; i < to.length; i++) {
    const nibble = (at: number) => (i % 32 < 16 ? block[at + (i % 16)]! & 15 : block[at + (i % 16)]! >> 4);
    if (type === 'q8_0') to[i] = half(0) * view.getInt8(2 + i);
    else if (type === 'q4_0') to[i] = half(0) * (nibble(2) - 8);
    else if (type === 'q4_1') to[i] = half(0) * nibble(4) + half(2);
    else if (type === 'q4_k') {
      const { scale, minimum } = kScale(block.subarray(4, 16), Math.floor(i / 32));
      const byte = block[16 + Math.floor(i / 64) * 32 + (i % 32)]!;
      to[i] = half(0) * scale * (i % 64 < 32 ? byte & 15 : byte >> 4) - half(2) * minimum;
    } else {
      const [group, within] = [Math.floor(i / 128), i % 128];
      const low = block[group * 64 + (within % 64)]!;
      const high = block[128 + group * 32 + (within % 32)]! >> (2 * Math.floor(within / 32));
      const quant = (within < 64 ? low & 15 : low >> 4) | ((high & 3) << 4);
      to[i] = half(208) * view.getInt8(192 + Math.floor(i / 16)) * (quant - 32);
    }
  }
}

/** Eight scales and eight minima of six bits each in twelve bytes. */
function kScale(packed: Uint8Array, part: number): { scale: number; minimum: number } {
  if (part < 4) return { scale: packed[part]! & 63, minimum: packed[part + 4]! & 63 };
  return {
    scale: (packed[part + 4]! & 15) | ((packed[part - 4]! >> 6) << 4),
    minimum: (packed[part + 4]! >> 4) | ((packed[part]! >> 6) << 4),
  };
}

export function fromHalf(bits: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Rounds towards zero, which does for making weights up; no infinities. */
export function toHalf(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size < 2 ** -14) return sign | Math.floor(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return sign | ((exponent + 15) << 10) | Math.floor((size / 2 ** exponent - 1) * 1024);
}

function toBrain(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0]! >>> 16;
}

function fromBrain(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!;
}
