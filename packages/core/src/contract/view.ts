import type { Expression } from './expression.js';

/**
 * A tensor as somebody reads or writes it, without a copy: transposed, sliced, broadcast (stride 0), reversed
 * (negative stride). Offset and strides count elements; an element of a view is
 * `tensor[offset + Σ index[axis] · strides[axis]]`.
 */
export interface View {
  readonly tensor: number;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** A view that a step reads. */
export interface Operand extends View {
  /** Done to each element as it is read: value 0 is the element, `results` has one entry. */
  readonly prologue?: Expression;
  /** The element stored is `q`; what is read is `(q − zeroPoint) · scale`, with one scale for each block. */
  readonly quantization?: { readonly scale: View; readonly zeroPoint?: View; readonly block: readonly number[] };
}

/**
 * Where a result goes. With `rows`, slice i along `axis` goes to the slice that `indices[i]` names at run time: a
 * cache's next slot, a page. The view's extent along `axis` is then that of the tensor written to; a slice whose
 * index lies outside of it is dropped. `indices` is a view of rank 1 over int32 or int64.
 */
export interface Target extends View {
  readonly rows?: { readonly axis: number; readonly indices: View };
}
