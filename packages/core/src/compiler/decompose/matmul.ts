import type { Multiply, View } from '../../contract/index.js';
import { isBlockType } from '../expressions/operators.js';
import { broadcast, transpose } from '../views.js';
import { requireWholeBlocks } from './blocks.js';
import type { Lowering, OperatorScope } from './operator-scope.js';

const matmul: Lowering = (scope) => {
  const output = scope.allocate();
  const batch = output.shape.slice(0, -2);
  const matrices = (view: View) => broadcast(view, [...batch, ...view.shape.slice(-2)]);
  product(scope, matrices(scope.input(0)), matrices(scope.input(1)), output);
};

/** alpha·a·b + beta·c: the product's epilogue. */
const gemm: Lowering = (scope) => {
  const [alpha, beta] = [scope.number('alpha'), scope.number('beta')];
  const oriented = (view: View, isTransposed: boolean) => (isTransposed ? transpose(view, [1, 0]) : view);
  const output = scope.allocate();
  const c = scope.optional(2);
  const epilogue = scope.epilogue(output, 'float32', (formula, result) => {
    const scaled = formula.applyNumber('mul', result, alpha);
    return c ? formula.apply('add', scaled, formula.applyNumber('mul', formula.readWide(c), beta)) : scaled;
  });
  const a = oriented(scope.input(0), scope.flag('aTranspose'));
  const b = oriented(scope.input(1), scope.flag('bTranspose'));
  product(scope, a, b, output, epilogue);
};

function product(
  scope: OperatorScope,
  a: View,
  b: View,
  output: View,
  epilogue?: ReturnType<OperatorScope['epilogue']>,
): void {
  requireWholeBlocks(scope, b);
  scope.step('matmul', [a, b], [output], { multiply: multiplyOf(scope, b), accumulate: 'float32' }, epilogue);
}

function multiplyOf({ module, policy }: OperatorScope, b: View): Multiply {
  return isBlockType(module.tensors[b.tensor]!.type) ? policy.blockQuantized : policy.float32;
}

export const matmulLowerings: Readonly<Record<string, Lowering>> = { matmul, gemm };
