import type { Helper } from '../../kernel/helper.js';
import { asynchronousCopies, ldmatrix, sharedAddress } from './asynchronous.js';
import { printMultiplyAdd, type TensorFormat } from './format.js';

/** Functions that kernels on tensor cores share. */
export const tensorHelpers = {
  address: { name: 'shared_address', text: sharedAddress },
  matrices: { name: 'load_matrices', text: ldmatrix },
  copies: { name: 'asynchronous_copies', text: asynchronousCopies },
} satisfies Record<string, Helper>;

const coreHelpers = new Map<string, Helper>();

/** One object for each text, as a module prints each helper once. */
export function coreHelper(name: string, text: string): Helper {
  const helper = coreHelpers.get(text) ?? { name, text };
  coreHelpers.set(text, helper);
  return helper;
}

/** `multiply_add_FORMAT` */
export const multiplyAddHelper = (format: TensorFormat, capability: number): Helper =>
  coreHelper(`multiply_add_${format}`, printMultiplyAdd(format, capability));
