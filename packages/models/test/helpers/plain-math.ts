/** The arithmetic of transformers in plain loops over float64, for tests to hold graphs against. */

export type Matrix = readonly (readonly number[])[];

/** x [n, k] · weightᵀ + bias, for weight [m, k]. */
export function linear(x: Matrix, weight: Float32Array, bias?: Float32Array): number[][] {
  return x.map((row) => {
    const outputs = weight.length / row.length;
    return Array.from({ length: outputs }, (_, m) => {
      let sum = bias?.[m] ?? 0;
      for (let k = 0; k < row.length; k++) sum += row[k]! * weight[m * row.length + k]!;
      return sum;
    });
  });
}

export function add(a: Matrix, b: Matrix): number[][] {
  return a.map((row, n) => row.map((value, i) => value + b[n]![i]!));
}

export function rmsNormalize(x: Matrix, scale: Float32Array, epsilon: number): number[][] {
  return x.map((row) => {
    const meanSquare = row.reduce((sum, value) => sum + value * value, 0) / row.length;
    return row.map((value, i) => (value / Math.sqrt(meanSquare + epsilon)) * scale[i]!);
  });
}

export function layerNormalize(x: Matrix, scale: Float32Array, bias: Float32Array, epsilon: number): number[][] {
  return x.map((row) => {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
    return row.map((value, i) => ((value - mean) / Math.sqrt(variance + epsilon)) * scale[i]! + bias[i]!);
  });
}

export interface AttentionShape {
  readonly heads: number;
  readonly keyHeads: number;
  readonly headSize: number;
  readonly causal: boolean;
}

/** query [n, heads · headSize], key and value [n, keyHeads · headSize] → [n, heads · headSize] */
export function attend(query: Matrix, key: Matrix, value: Matrix, shape: AttentionShape): number[][] {
  const { heads, keyHeads, headSize, causal } = shape;
  return query.map((row, n) => {
    const seen = causal ? n + 1 : key.length;
    const output: number[] = [];
    for (let head = 0; head < heads; head++) {
      const offset = Math.floor(head / (heads / keyHeads)) * headSize;
      const scores = Array.from({ length: seen }, (_, j) => {
        let dot = 0;
        for (let i = 0; i < headSize; i++) dot += row[head * headSize + i]! * key[j]![offset + i]!;
        return dot / Math.sqrt(headSize);
      });
      const greatest = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - greatest));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (let i = 0; i < headSize; i++) {
        output.push(weights.reduce((sum, weight, j) => sum + (weight / total) * value[j]![offset + i]!, 0));
      }
    }
    return output;
  });
}

/** Turns each head's pairs by position · frequency; `pairs` are neighbours, `halves` lie headSize/2 apart. */
export function rotate(
  x: Matrix,
  headSize: number,
  layout: 'pairs' | 'halves',
  frequencies: readonly number[],
): number[][] {
  return x.map((row, position) => {
    const turned = [...row];
    for (let head = 0; head < row.length; head += headSize) {
      frequencies.forEach((frequency, i) => {
        const first = head + (layout === 'pairs' ? 2 * i : i);
        const second = layout === 'pairs' ? first + 1 : first + headSize / 2;
        const [cos, sin] = [Math.cos(position * frequency), Math.sin(position * frequency)];
        turned[first] = row[first]! * cos - row[second]! * sin;
        turned[second] = row[second]! * cos + row[first]! * sin;
      });
    }
    return turned;
  });
}

/** Abramowitz and Stegun 7.1.26 is too coarse; this is the series, which converges for all x here. */
export function erf(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 120; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

export const silu = (x: number): number => x / (1 + Math.exp(-x));
export const gelu = (x: number): number => (x / 2) * (1 + erf(x / Math.SQRT2));
