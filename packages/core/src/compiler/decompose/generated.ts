import { contiguousStrides } from '../views.js';
import type { Formula, Value } from './formula.js';
import type { Lowering } from './operator-scope.js';

/** Column − row against the diagonal decides what is kept. */
const triangular: Lowering = (scope) => {
  const { shape } = scope.result();
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!];
  // Beyond the corners nothing changes, and the sum below stays in range.
  const diagonal = Math.max(-rows, Math.min(scope.number('diagonal'), columns));
  scope.map((formula) => {
    const x = formula.read(scope.input(0));
    const row = formula.coordinate(shape.length - 2, 'int32');
    const column = formula.coordinate(shape.length - 1, 'int32');
    const limit = formula.applyNumber('add', row, diagonal);
    const isKept = formula.apply(scope.flag('upper') ? 'greaterOrEqual' : 'lesserOrEqual', column, limit);
    return formula.select(isKept, x, formula.constant(0, formula.typeOf(x)));
  });
};

const oneHot: Lowering = (scope) => {
  const axis = scope.number('axis');
  const indices = scope.input(0);
  // The new axis is one of extent 1 to what is read, and thereby broadcast.
  const spread = {
    ...indices,
    shape: indices.shape.toSpliced(axis, 0, 1),
    strides: indices.strides.toSpliced(axis, 0, 0),
  };
  scope.map((formula) => {
    const index = formula.read(spread);
    const isHot = formula.apply('equal', formula.coordinate(axis, formula.typeOf(index)), index);
    return formula.cast(isHot, scope.resultType());
  });
};

/** The upper 24 bits of each random word, as multiples of 2^-24. */
const randomUniform: Lowering = (scope) => {
  const { shape } = scope.result();
  scope.map((formula) => {
    const seed = formula.read(scope.input(0));
    const counter = formula.apply('add', formula.read(scope.input(1)), linearIndex(formula, shape));
    const bits = formula.applyNumber('div', formula.apply('random', seed, counter), 256);
    return formula.applyNumber('mul', formula.cast(bits, 'float32'), 2 ** -24);
  });
};

/** The place of an element in row-major order, modulo 2^32. */
function linearIndex(formula: Formula, shape: readonly number[]): Value {
  const strides = contiguousStrides(shape);
  return shape.reduce(
    (sum, _, axis) => {
      const part = formula.applyNumber('mul', formula.coordinate(axis, 'uint32'), strides[axis]! % 2 ** 32);
      return formula.apply('add', sum, part);
    },
    formula.constant(0, 'uint32'),
  );
}

/** What depends on where an element is. */
export const generatedLowerings: Readonly<Record<string, Lowering>> = { triangular, oneHot, randomUniform };
