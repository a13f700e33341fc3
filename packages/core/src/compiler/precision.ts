import type { Multiply } from '../contract/index.js';

/** The user's choice of what matrix products may be computed in: an attribute of each step, never a backend's guess. */
export interface PrecisionPolicy {
  /** Products with block-quantized weights: `int8` rounds the activations to blocks of 8-bit integers. */
  readonly blockQuantized: 'int8' | 'float32';
  /** Products of floating-point operands. */
  readonly float32: Multiply;
}

export const defaultPrecision: PrecisionPolicy = { blockQuantized: 'int8', float32: 'float32' };
