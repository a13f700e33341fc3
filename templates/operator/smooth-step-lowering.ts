// Template of an operator, the compiler's half. Goes to packages/core/src/compiler/decompose/smooth-step.ts.
import type { Lowering } from '../../packages/core/src/compiler/decompose/operator-scope.js';

/** By the operator's name: how it becomes steps. What is computed element by element is one map. */
export const smoothStepLowerings: Readonly<Record<string, Lowering>> = {
  smoothStep: (scope) => {
    const { low, high } = scope.operator.attributes as { low: number; high: number };
    scope.map((formula) => {
      // 16-bit floats are computed in float32 and rounded once, as they are stored.
      const x = formula.readWide(scope.input(0));
      const scaled = formula.applyNumber('mul', formula.applyNumber('sub', x, low), 1 / (high - low));
      const t = formula.applyNumber('min', formula.applyNumber('max', scaled, 0), 1);
      const bend = formula.apply('sub', formula.constant(3, formula.typeOf(t)), formula.applyNumber('mul', t, 2));
      return formula.apply('mul', formula.apply('mul', t, t), bend);
    });
  },
};
