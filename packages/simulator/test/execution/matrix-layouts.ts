import { toHalf } from './programs.js';

/** Types of the operands of wgmma. */
export type MatrixType = 'f16' | 'bf16' | 'tf32' | 'e4m3' | 'e5m2' | 's8' | 'u8';

export const bytesOf: Readonly<Record<MatrixType, number>> = {
  f16: 2,
  bf16: 2,
  tf32: 4,
  e4m3: 1,
  e5m2: 1,
  s8: 1,
  u8: 1,
};

/** The value of 8 bits with a sign, `exponent` bits and a mantissa (no infinities among the small ones). */
function tiny(code: number, exponentBits: number): number {
  const mantissaBits = 7 - exponentBits;
  const exponent = (code >> mantissaBits) & ((1 << exponentBits) - 1);
  const mantissa = (code & ((1 << mantissaBits) - 1)) / 2 ** mantissaBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  const magnitude = exponent === 0 ? mantissa * 2 ** (1 - bias) : (1 + mantissa) * 2 ** (exponent - bias);
  return code & 128 ? -magnitude : magnitude;
}

/** The bytes of a number that the type has exactly. */
export function encode(type: MatrixType, value: number): Uint8Array {
  switch (type) {
    case 'f16':
      return new Uint8Array(toHalf(new Float32Array([value])).buffer);
    case 'bf16':
      return new Uint8Array(new Float32Array([value]).buffer).slice(2);
    case 'tf32':
      return new Uint8Array(new Float32Array([value]).buffer);
    case 's8':
    case 'u8':
      return new Uint8Array([value & 255]);
    default: {
      const exponentBits = type === 'e4m3' ? 4 : 5;
      for (let code = 0; code < 256; ++code) if (tiny(code, exponentBits) === value) return new Uint8Array([code]);
      throw new Error(`${value} is no ${type}`);
    }
  }
}

export type Swizzle = 0 | 32 | 64 | 128;

/** A matrix in shared memory as wgmma reads it, and what its descriptor says. */
export interface MatrixLayout {
  /** Byte of an element; `outer` is the row of A or the column of B. */
  place(outer: number, k: number): number;
  readonly leading: number;
  readonly stride: number;
}

/**
 * The canonical layouts of the PTX manual, of 16-byte units in atoms of 8 rows that follow one another without gaps.
 * The swizzle moves a unit within its 128 bytes by the number of these.
 */
export function layoutOf(type: MatrixType, swizzle: Swizzle, transposed: boolean, kBytes = 32): MatrixLayout {
  const size = bytesOf[type];
  const perUnit = 16 / size;
  const wide = Math.max(1, swizzle / 16);
  const atom = 128 * wide;
  const mix = (byte: number) => {
    const unit = Math.floor(byte / 16);
    return (unit ^ (Math.floor(byte / 128) % wide)) * 16 + (byte % 16);
  };
  if (!transposed) {
    // Rows of K; without a swizzle the two units of a row lie in neighbouring core matrices.
    const unitsOfRow = swizzle === 0 ? kBytes / 16 : 1;
    return {
      leading: swizzle === 0 ? 128 : 16,
      stride: atom * unitsOfRow,
      place(outer, k) {
        const unit = Math.floor(k / perUnit);
        const inside = (k % perUnit) * size;
        const row = outer % 8;
        const atomNumber = Math.floor(outer / 8) * unitsOfRow;
        if (swizzle === 0) return (atomNumber + unit) * 128 + row * 16 + inside;
        return mix(atomNumber * atom + row * 16 * wide + unit * 16 + inside);
      },
    };
  }
  // Rows along M or N, for eight k each; two such atoms side by side cover K.
  const far = 2 * atom;
  return {
    leading: swizzle === 0 ? atom : far,
    stride: swizzle === 0 ? far : atom,
    place(outer, k) {
      const unit = Math.floor(outer / perUnit);
      const place = Math.floor(unit / wide) * far + Math.floor(k / 8) * atom + (k % 8) * 16 * wide;
      return mix(place + (unit % wide) * 16 + (outer % perUnit) * size);
    },
  };
}

/** The descriptor of a matrix that starts at an offset; the kernel adds where its shared memory starts. */
export function descriptor(layout: MatrixLayout, swizzle: Swizzle, start: number): bigint {
  const mode = { 0: 0n, 128: 1n, 64: 2n, 32: 3n }[swizzle];
  return (
    BigInt(start >> 4) | (BigInt(layout.leading >> 4) << 16n) | (BigInt(layout.stride >> 4) << 32n) | (mode << 62n)
  );
}
