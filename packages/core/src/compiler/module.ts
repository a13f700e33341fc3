import type { ConstantSource, Step, Type } from '../contract/index.js';

/**
 * What the passes hand on: steps over tensors that have no place in memory yet. The steps run as if one after another
 * in the order listed; `after` stays empty until the last pass fills it in. A temporary or output is written by one
 * step (several may fill disjoint parts of it) before it is read; a state may be read and written in turn.
 */
export interface Module {
  readonly tensors: readonly ModuleTensor[];
  readonly steps: readonly Step[];
}

export interface ModuleTensor {
  readonly type: Type;
  readonly shape: readonly number[];
  readonly origin: TensorOrigin;
  readonly label?: string;
}

export type TensorOrigin =
  | { readonly kind: 'input' | 'output' | 'state'; readonly name: string }
  | { readonly kind: 'constant'; readonly source: ConstantSource }
  | { readonly kind: 'temporary' };
