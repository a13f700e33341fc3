/** IEEE 754 binary formats narrower than float32. */
interface FloatFormat {
  readonly mantissaBits: number;
  readonly exponentBits: number;
}

const float16: FloatFormat = { mantissaBits: 10, exponentBits: 5 };
const bfloat16: FloatFormat = { mantissaBits: 7, exponentBits: 8 };

const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);

/** Rounds half to even. */
export function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  const rounded = rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
  return rounded === 0 ? (value < 0 || Object.is(value, -0) ? -0 : 0) : rounded;
}

/** The exponent e of 2^e ≤ |value| < 2^(e+1), for a normal double. */
export function exponentOf(value: number): number {
  scratch[0] = value;
  return ((scratchWords[1]! >>> 20) & 0x7ff) - 1023;
}

/** Rounds a double to the format once, to nearest even, and gives its bits. */
function encode(value: number, format: FloatFormat): number {
  const { mantissaBits, exponentBits } = format;
  const bias = 2 ** (exponentBits - 1) - 1;
  const sign = value < 0 || Object.is(value, -0) ? 2 ** (mantissaBits + exponentBits) : 0;
  const infinity = (2 ** exponentBits - 1) * 2 ** mantissaBits;
  if (Number.isNaN(value)) return infinity + 2 ** (mantissaBits - 1);
  const magnitude = Math.abs(value);
  if (magnitude === Infinity) return sign + infinity;
  const exponent = Math.max(exponentOf(magnitude), 1 - bias);
  const significand = roundEven(magnitude / 2 ** (exponent - mantissaBits));
  // A significand that rounds up to the next power of two carries into the exponent by itself, up to infinity.
  const bits = (exponent + bias - 1) * 2 ** mantissaBits + significand;
  return sign + Math.min(bits, infinity);
}

function decode(bits: number, format: FloatFormat): number {
  const { mantissaBits, exponentBits } = format;
  const bias = 2 ** (exponentBits - 1) - 1;
  const fraction = bits % 2 ** mantissaBits;
  const exponent = Math.floor(bits / 2 ** mantissaBits) % 2 ** exponentBits;
  const sign = bits >= 2 ** (mantissaBits + exponentBits) ? -1 : 1;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias - mantissaBits);
  return sign * (2 ** mantissaBits + fraction) * 2 ** (exponent - bias - mantissaBits);
}

function decodeTable(format: FloatFormat): Float32Array {
  const table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) table[bits] = decode(bits, format);
  return table;
}

let float16Table: Float32Array | undefined;
let bfloat16Table: Float32Array | undefined;

/** The values of all 65,536 float16 bit patterns. */
export function float16Values(): Float32Array {
  float16Table ??= decodeTable(float16);
  return float16Table;
}

/** The values of all 65,536 bfloat16 bit patterns. */
export function bfloat16Values(): Float32Array {
  bfloat16Table ??= decodeTable(bfloat16);
  return bfloat16Table;
}

export const encodeFloat16 = (value: number): number => encode(value, float16);
export const encodeBfloat16 = (value: number): number => encode(value, bfloat16);
export const roundFloat16 = (value: number): number => float16Values()[encodeFloat16(value)]!;
export const roundBfloat16 = (value: number): number => bfloat16Values()[encodeBfloat16(value)]!;
