import { broadcast, narrow, reshape, reverse, slice, transpose } from '../views.js';
import type { Lowering } from './operator-scope.js';

/** Operators that vanish: their results are views of what they read. A reshape that no view can say copies first. */
export const layoutLowerings: Readonly<Record<string, Lowering>> = {
  identity: (scope) => scope.alias(scope.input(0)),
  transpose: (scope) => scope.alias(transpose(scope.input(0), scope.numbers('permutation'))),
  reshape: (scope) => {
    const newShape = scope.numbers('newShape');
    const view = scope.input(0);
    scope.alias(reshape(view, newShape) ?? reshape(scope.materialize(view), newShape)!);
  },
  expand: (scope) => scope.alias(broadcast(scope.input(0), scope.numbers('newShape'))),
  slice: (scope) =>
    scope.alias(slice(scope.input(0), scope.numbers('starts'), scope.result().shape, scope.numbers('strides'))),
  split: (scope) => {
    let start = 0;
    for (const [part, size] of scope.numbers('sizes').entries()) {
      scope.alias(narrow(scope.input(0), scope.number('axis'), start, size), part);
      start += size;
    }
  },
  reverse: (scope) => scope.alias(reverse(scope.input(0), scope.numbers('axes'))),
};
