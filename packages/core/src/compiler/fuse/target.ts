import type { AdapterLimits, Step, Support, Tensor } from '../../contract/index.js';
import type { ModuleTensor } from '../module.js';

/** For what a module is fused: the limits of the device it is meant for, and whether it takes a step as fused. */
export interface FusionTarget {
  readonly limits: Pick<AdapterLimits, 'operandsPerStep' | 'rank'>;
  /** Left out: takes everything. */
  readonly supports?: (step: Step, tensors: readonly Tensor[]) => Support;
}

/** Tensors as `supports` wants to see them, while nothing has a place in memory: every named one in a binding of its own. */
export function unplacedTensors(tensors: readonly ModuleTensor[]): Tensor[] {
  let bindings = 0;
  return tensors.map(({ type, shape, origin, label }) => ({
    type,
    shape,
    at: origin.kind === 'temporary' ? 'workspace' : { binding: bindings++ },
    offset: 0,
    ...(label !== undefined && { label }),
  }));
}
