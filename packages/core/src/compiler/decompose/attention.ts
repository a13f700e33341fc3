import type { View } from '../../contract/index.js';
import { broadcast, elementCount, narrow } from '../views.js';
import type { Lowering } from './operator-scope.js';

const scaledDotProductAttention: Lowering = (scope) => {
  const [query, key, value] = scope.inputs as [View, View, View];
  const [lengths, starts, mask] = [scope.optional(3), scope.optional(4), scope.optional(5)];
  const scores = [...query.shape.slice(0, 3), key.shape[2]!];
  const inputs = [query, key, value, lengths ?? null, starts ?? null, null, mask ? broadcast(mask, scores) : null];
  scope.step('attention', inputs, [scope.allocate()], {
    scale: scope.number('scale'),
    causal: scope.flag('causal'),
    blockSize: 0,
    multiply: scope.policy.float32,
  });
};

/** One map with two results, which fill the two halves (or the even and the odd elements) of one tensor. */
const rotaryEmbedding: Lowering = (scope) => {
  const [x, cos, sin] = scope.inputs as [View, View, View];
  const output = scope.allocate();
  if (elementCount(x.shape) === 0) return;
  const axis = x.shape.length - 1;
  const half = x.shape[axis]! / 2;
  const parts = (view: View) =>
    scope.text('layout') === 'halves'
      ? [narrow(view, axis, 0, half), narrow(view, axis, half, half)]
      : [narrow(view, axis, 0, half, 2), narrow(view, axis, 1, half, 2)];
  const [from, to] = [parts(x), parts(output)];
  scope.mapInto(to, (formula) => {
    const [first, second, cosine, sine] = [from[0]!, from[1]!, cos, sin].map((view) => formula.readWide(view));
    const product = (a: number, b: number) => formula.apply('mul', a, b);
    return [
      formula.apply('sub', product(first!, cosine!), product(second!, sine!)),
      formula.apply('add', product(second!, cosine!), product(first!, sine!)),
    ];
  });
};

export const attentionLowerings: Readonly<Record<string, Lowering>> = { scaledDotProductAttention, rotaryEmbedding };
