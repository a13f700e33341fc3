import type { KernelWriter } from '../../kernel/kernel-writer.js';
import { type Arrangement, threadsOf } from './arrangement.js';
import { anyLane, combineGroups } from './states.js';

/**
 * Merges a state over all threads of a group.
 *
 * @param type C++ type of the state
 * @returns the name of the whole, which every thread has
 */
export function writeCombine(writer: KernelWriter, arrangement: Arrangement, type: string, state: string): string {
  const { form, along, beside } = arrangement;
  const warp = writer.scene.target.warpSize;
  if (along === 1) return state;
  writer.need(combineGroups);
  if (form === 'row' && along <= warp) return writer.define(type, 'whole', `combine_lanes<${along}>(${state})`);
  const shared = writer.name('shared');
  if (form === 'row') {
    writer.line(`__shared__ ${type} ${shared}[${along / warp}];`);
    return writer.define(type, 'whole', `combine_row<${along}, ${warp}>(${state}, ${shared})`);
  }
  writer.line(`__shared__ ${type} ${shared}[${threadsOf(arrangement)}];`);
  return writer.define(type, 'whole', `combine_column<${along}, ${beside}>(${state}, ${shared})`);
}

/** A condition that holds for all threads that take part in each other's merging if it holds for one of them. */
export function writeAny(writer: KernelWriter, arrangement: Arrangement, condition: string): string {
  const warp = writer.scene.target.warpSize;
  if (
    threadsOf(arrangement) > warp &&
    (arrangement.form === 'column' ? arrangement.along > 1 : arrangement.along > warp)
  )
    return writer.define('bool', 'any', `__syncthreads_or(${condition}) != 0`);
  return arrangement.along === 1 ? condition : writer.define('bool', 'any', writer.call(anyLane, condition));
}
