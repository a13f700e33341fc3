import type { DataType, Expression, Operand, ScalarOperator, View } from '../../contract/index.js';
import type { ElementType } from '../../graph/data-types.js';
import { decodeScalar } from '../../graph/scalar.js';
import { ExpressionWriter, type Value } from '../expressions/expression-writer.js';
import { isComparison, isNarrowFloat } from '../expressions/operators.js';
import type { ModuleTensor } from '../module.js';
import { broadcast, elementCount } from '../views.js';

export type { Value };

/** An expression as operators spell it: values are read, computed from each other, and typed as they go. */
export class Formula {
  readonly #tensors: readonly ModuleTensor[];
  readonly #writer: ExpressionWriter;

  /** @param shape of the results: what is read is broadcast to it */
  constructor(
    tensors: readonly ModuleTensor[],
    readonly shape: readonly number[],
  ) {
    this.#tensors = tensors;
    this.#writer = new ExpressionWriter(tensors);
  }

  /** Result `index` of the step, or the element of a prologue. */
  result(index: number, dataType: DataType): Value {
    return this.#writer.base(index, dataType);
  }

  /** An element of a view. Scalars that are constants in memory are written into the expression. */
  read(view: View): Value {
    return this.#constantScalar(view) ?? this.#writer.input(broadcast(view, this.shape));
  }

  /** As {@link read}, narrow floats as float32: for formulas of several steps, which are to round but once. */
  readWide(view: View): Value {
    return this.widen(this.read(view));
  }

  widen(value: Value): Value {
    return isNarrowFloat(this.typeOf(value)) ? this.cast(value, 'float32') : value;
  }

  constant(value: number | string, dataType: DataType): Value {
    const literal = typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
    return this.#writer.instruction({ op: 'constant', arguments: [], dataType, value: literal });
  }

  /** The index along an axis. */
  coordinate(axis: number, dataType: DataType): Value {
    return this.#writer.instruction({ op: 'coordinate', arguments: [], dataType, value: axis });
  }

  /** An operator on values of one data type. */
  apply(op: ScalarOperator, ...values: readonly Value[]): Value {
    const dataType = isComparison(op) ? 'uint8' : this.typeOf(values[0]!);
    return this.#writer.instruction({ op, arguments: values, dataType });
  }

  /** An operator on a value and a number of its data type. */
  applyNumber(op: ScalarOperator, value: Value, number: number | string): Value {
    return this.apply(op, value, this.constant(number, this.typeOf(value)));
  }

  select(condition: Value, whenTrue: Value, whenFalse: Value): Value {
    const dataType = this.typeOf(whenTrue);
    return this.#writer.instruction({ op: 'select', arguments: [condition, whenTrue, whenFalse], dataType });
  }

  cast(value: Value, dataType: DataType): Value {
    return this.typeOf(value) === dataType
      ? value
      : this.#writer.instruction({ op: 'cast', arguments: [value], dataType });
  }

  typeOf(value: Value): DataType {
    return this.#writer.typeOf(value);
  }

  finishMap(results: readonly Value[]): { readonly inputs: readonly Operand[]; readonly epilogue: Expression } {
    return this.#writer.finishMap(results);
  }

  /** @param resultCount how many results the step has */
  finishEpilogue(resultCount: number, results: readonly Value[]): Expression {
    return this.#writer.finish(resultCount, results)!;
  }

  #constantScalar(view: View): Value | undefined {
    const { type, shape, origin } = this.#tensors[view.tensor]!;
    if (origin.kind !== 'constant' || elementCount(shape) !== 1 || elementCount(view.shape) === 0) return undefined;
    const [part, ...others] = origin.source.parts;
    if (!part || others.length > 0 || !('data' in part)) return undefined;
    return this.constant(decodeScalar(part.data, type as ElementType), type as DataType);
  }
}
