import { HalyardError } from '@halyard/core';

/**
 * Who multiplies matrices where cuBLASLt could: `own`, Halyard's kernels; `library`, cuBLASLt; `measured`, the faster of
 * both on this device. Left out, Halyard's kernels, save where a tuning table says `{ kernel: 'cublaslt' }`.
 */
export type ProductsOption = 'own' | 'library' | 'measured';

const names: readonly ProductsOption[] = ['own', 'library', 'measured'];

/** @throws HalyardError `bad-argument` for anything else */
export function productsOption(value: unknown): ProductsOption | undefined {
  if (value === undefined || names.includes(value as ProductsOption)) return value as ProductsOption | undefined;
  throw new HalyardError('bad-argument', {
    found: `the option products: ${JSON.stringify(value)}`,
    expected: names.map((name) => `'${name}'`).join(', '),
    remedy: 'Correct it, or leave it out.',
  });
}
