import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../src/graph/fingerprint.js';
import { castScalar, decodeScalar, encodeScalar } from '../../src/graph/scalar.js';

describe('numbers in a data type', () => {
  const cast = (value: number | bigint, type: Parameters<typeof castScalar>[3]) =>
    castScalar('test', 'value', value, type);

  it('floats are rounded to nearest, ties to even', () => {
    expect(cast(0.1, 'float32')).toBe(Math.fround(0.1));
    expect(cast(1 + 2 ** -11, 'float16')).toBe(1);
    expect(cast(1 + 3 * 2 ** -11, 'float16')).toBe(1 + 2 ** -9);
    expect(cast(65520, 'float16')).toBe(Number.POSITIVE_INFINITY);
    expect(cast(1 + 2 ** -8, 'bfloat16')).toBe(1);
  });

  it('integers are truncated and saturated, NaN is 0', () => {
    expect(cast(-1.9, 'int8')).toBe(-1);
    expect(cast(300, 'uint8')).toBe(255);
    expect(cast(-1, 'uint32')).toBe(0);
    expect(cast(Number.NaN, 'int32')).toBe(0);
    expect(cast(Number.NEGATIVE_INFINITY, 'int32')).toBe(-(2 ** 31));
  });

  it('64-bit integers are decimal strings', () => {
    expect(cast(2n ** 63n - 1n, 'int64')).toBe('9223372036854775807');
    expect(cast(Number.POSITIVE_INFINITY, 'uint64')).toBe('18446744073709551615');
    expect(cast(-5, 'int64')).toBe('-5');
  });

  it('what is no number is rejected', () => {
    expect(() => cast('1' as never, 'float32')).toThrowError(expect.objectContaining({ code: 'bad-argument' }));
  });

  it('come back from their bytes', () => {
    const samples = {
      float32: [0.5, -0, Number.POSITIVE_INFINITY],
      float16: [0.5, -2, 2 ** -24, 65504],
      bfloat16: [0.5, -2, 3.375],
      int64: ['-9223372036854775808', '7'],
      uint64: ['18446744073709551615'],
      int32: [-5, 2 ** 31 - 1],
      uint32: [2 ** 32 - 1],
      int8: [-128],
      uint8: [255],
    } as const;
    for (const [type, values] of Object.entries(samples)) {
      for (const value of values) {
        const dataType = type as keyof typeof samples;
        expect(decodeScalar(encodeScalar(value, dataType), dataType), `${type} ${value}`).toBe(value);
      }
    }
  });
});

describe('fingerprints of bytes', () => {
  it('are MurmurHash3 x86_128', () => {
    // As the Python package mmh3 5 gives them, four words each.
    const known = {
      '': '00000000000000000000000000000000',
      halyard: 'e54d241e4d8d619df8d79895f8d79895',
      'I will not buy this record, it is scratched.': 'a0a9683b25ac5e40d9af2895890dddf5',
    };
    for (const [text, digits] of Object.entries(known)) {
      expect(fingerprintOf(new TextEncoder().encode(text))).toBe(`bytes:${text.length}:${digits}`);
    }
  });

  it('tell apart bytes, places and lengths', () => {
    const seen = new Set<string>();
    for (let length = 0; length < 40; length++) {
      seen.add(fingerprintOf(new Uint8Array(length)));
      for (let at = 0; at < length; at++) {
        const bytes = new Uint8Array(length);
        bytes[at] = 1;
        seen.add(fingerprintOf(bytes));
      }
    }
    expect(seen.size).toBe(40 + (40 * 39) / 2);
  });
});
