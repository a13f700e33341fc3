import { isWhole } from '../views.js';
import type { Lowering } from './operator-scope.js';

/** A copying map into the tensor of the state; with rows, into the slices that they name at run time. */
const assign: Lowering = (scope) => {
  const state = scope.views.states.get(scope.operator.inputs[0]!)!;
  const rows = scope.optional(2);
  let value = scope.input(1);
  scope.alias(state);
  scope.views.states.set(scope.operator.outputs[0]!, state);
  if (value.tensor === state.tensor) {
    // A step may not read what it writes: what is moved about within the state is copied out first.
    if (!rows && isWhole(value, state.shape)) return;
    value = scope.materialize(value);
  }
  if (!rows) {
    scope.copy(value, state);
    return;
  }
  const indices = rows.tensor === state.tensor ? scope.materialize(rows) : rows;
  scope.copy(value, { ...state, rows: { axis: scope.number('axis'), indices } });
};

export const stateLowerings: Readonly<Record<string, Lowering>> = { assign };
