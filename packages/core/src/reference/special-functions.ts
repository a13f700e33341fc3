const twoOverRootPi = 2 / Math.sqrt(Math.PI);

/** Σ of the series 2/√π · e^(−x²) · Σ 2ⁿx^(2n+1)/(2n+1)!!, whose terms are all positive: no cancellation. DLMF 7.6.2. */
function erfSeries(x: number): number {
  const square = x * x;
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * square) / (2 * n + 1);
    sum += term;
  }
  return twoOverRootPi * Math.exp(-square) * sum;
}

/** erfc of x ≥ 2 by the continued fraction DLMF 7.9.2, evaluated from the tail. */
function erfcFraction(x: number): number {
  const square = x * x;
  let tail = 0;
  for (let n = 60; n > 0; n--) tail = n / 2 / (x + tail);
  return Math.exp(-square) / Math.sqrt(Math.PI) / (x + tail);
}

/** The error function, to a few units in the last place of a double. */
export function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude === 0 || Number.isNaN(x)) return x;
  const value = magnitude < 2 ? erfSeries(magnitude) : magnitude > 6 ? 1 : 1 - erfcFraction(magnitude);
  return x < 0 ? -value : value;
}

/** 1 − erf(x), with full relative precision far out. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < 2) return 1 - erf(x);
  return x > 28 ? 0 : erfcFraction(x);
}

/** x/2 · (1 + erf(x/√2)). */
export const gelu = (x: number): number => (x / 2) * erfc(-x * Math.SQRT1_2);

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** x · sigmoid(x). */
export const silu = (x: number): number => x * sigmoid(x);

/** IEEE 754 `pow`: 1 to anything is 1, −1 to ±∞ is 1; elsewhere as `Math.pow`. */
export function pow(base: number, exponent: number): number {
  if (base === 1) return 1;
  if (base === -1 && Math.abs(exponent) === Infinity) return 1;
  return base ** exponent;
}
