import type { LibraryProduct } from '@halyard/core';

/** The name of launches that are products of the vendor's library, and of the choice in a tuning table. */
export const productKernel = 'cublaslt';

/** What the library is to do for a step and why, or why it does not. */
export type LibraryAnswer =
  | { readonly product: LibraryProduct; readonly reason: string }
  | { readonly refusal: string };
