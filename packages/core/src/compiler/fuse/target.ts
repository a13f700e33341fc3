import type { AdapterLimits, Step, Support, Tensor } from '../../contract/index.js';
import type { ModuleTensor } from '../module.js';

/** For what a module is fused: the limits of the device it is meant for, and whether it takes a step as fused. */
export interface FusionTarget {
  readonly limits: Pick<AdapterLimits, 'operandsPerStep' | 'rank'>;
  /** Left out: takes everything. */
  readonly supports?: (step: Step, tensors: readonly Tensor[]) => Support;
}

const known = new WeakMap<readonly ModuleTensor[], { readonly length: number; readonly tensors: Tensor[] }>();

/**
 * Tensors as `supports` wants to see them, while nothing has a place in memory: every named one in a binding of its own.
 * The list may have grown since the last time, but what was in it is taken not to have changed.
 */
export function unplacedTensors(tensors: readonly ModuleTensor[]): readonly Tensor[] {
  const last = known.get(tensors);
  if (last?.length === tensors.length) return last.tensors;
  let bindings = 0;
  const unplaced = tensors.map(
    ({ type, shape, origin, label }): Tensor => ({
      type,
      shape,
      at: origin.kind === 'temporary' ? 'workspace' : { binding: bindings++ },
      offset: 0,
      ...(label !== undefined && { label }),
    }),
  );
  known.set(tensors, { length: tensors.length, tensors: unplaced });
  return unplaced;
}
