import { open } from 'node:fs/promises';
import type { RotaryRequest, RotaryTables } from './protocol.js';

/**
 * cos and sin of position · base^(−2i/dimensions), computed in float64.
 *
 * Source: Su et al., RoFormer (2021), section 3.2.2; the factors are those that Llama 3 divides its frequencies by.
 */
export async function rotaryTables(request: RotaryRequest): Promise<RotaryTables> {
  const { positions, dimensions, base, linearFactor } = request;
  const half = dimensions / 2;
  const factors = await readFactors(request.factors, half);
  const cosine = new Float32Array(positions * half);
  const sine = new Float32Array(positions * half);
  for (let i = 0; i < half; i++) {
    const frequency = base ** ((-2 * i) / dimensions) / linearFactor / factors[i]!;
    for (let position = 0; position < positions; position++) {
      cosine[position * half + i] = Math.cos(position * frequency);
      sine[position * half + i] = Math.sin(position * frequency);
    }
  }
  return { cosine, sine };
}

async function readFactors(at: RotaryRequest['factors'], count: number): Promise<Float32Array> {
  const factors = new Float32Array(count).fill(1);
  if (at === undefined) return factors;
  const file = await open(at.path, 'r');
  try {
    await file.read(new Uint8Array(factors.buffer), 0, factors.byteLength, at.offset);
  } finally {
    await file.close();
  }
  return factors;
}
