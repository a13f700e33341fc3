import type { DataType, Expression, Operand, StepKind, StepKinds, Target, View } from '../../contract/index.js';
import type { Graph, OperandDescription, Operator } from '../../graph/graph.js';
import { elementType } from '../expressions/operators.js';
import type { PrecisionPolicy } from '../precision.js';
import { requireWholeBlocks } from './blocks.js';
import { Formula, type Value } from './formula.js';
import type { ModuleWriter } from './module-writer.js';

/** Where the operands of the graph are found, as far as they are computed. */
export interface OperandViews {
  readonly read: Map<number, View>;
  /** For operands that stand for a state: its own tensor, even after readers were sent to a copy of what it held. */
  readonly states: Map<number, View>;
}

/** Turns one operator into steps. */
export type Lowering = (scope: OperatorScope) => void;

/** One operator of a graph that is being decomposed: what it reads, and where its results go. */
export class OperatorScope {
  constructor(
    readonly module: ModuleWriter,
    readonly policy: PrecisionPolicy,
    readonly operator: Operator,
    readonly graph: Graph,
    readonly views: OperandViews,
  ) {}

  get origin(): readonly string[] {
    return [this.operator.label];
  }

  input(position: number): View {
    return this.optional(position)!;
  }

  optional(position: number): View | undefined {
    const operand = this.operator.inputs[position] ?? null;
    return operand === null ? undefined : this.views.read.get(operand);
  }

  get inputs(): readonly View[] {
    return this.operator.inputs.map((_, position) => this.input(position));
  }

  result(position = 0): OperandDescription {
    return this.graph.operands[this.operator.outputs[position]!]!;
  }

  resultType(position = 0): DataType {
    return elementType(this.result(position).dataType);
  }

  number(name: string): number {
    return this.operator.attributes[name] as number;
  }

  numbers(name: string): readonly number[] {
    return this.operator.attributes[name] as readonly number[];
  }

  text(name: string): string {
    return this.operator.attributes[name] as string;
  }

  flag(name: string): boolean {
    return this.operator.attributes[name] as boolean;
  }

  /** Says that a result is found in `view`: no step is needed. */
  alias(view: View, position = 0): void {
    this.views.read.set(this.operator.outputs[position]!, view);
  }

  /** A new tensor for a result. */
  allocate(position = 0): View {
    const { shape, label } = this.result(position);
    const view = this.module.temporary(this.resultType(position), shape, label);
    this.alias(view, position);
    return view;
  }

  /** Computes the result by a map. */
  map(compute: (formula: Formula) => Value): void {
    this.mapInto([this.allocate()], (formula) => [compute(formula)]);
  }

  mapInto(outputs: readonly Target[], compute: (formula: Formula) => readonly Value[]): void {
    this.module.map(outputs, this.origin, compute);
  }

  copy(from: View, to: Target): void {
    this.module.copy(from, to, this.origin);
  }

  /** The view as a dense tensor of its own. */
  materialize(view: View): View {
    requireWholeBlocks(this, view);
    const dense = this.module.temporary(this.module.dataType(view), view.shape, this.operator.label);
    this.copy(view, dense);
    return dense;
  }

  step<Kind extends StepKind>(
    kind: Kind,
    inputs: readonly (Operand | null)[],
    outputs: readonly Target[],
    attributes: StepKinds[Kind]['attributes'],
    epilogue?: Expression,
  ): void {
    this.module.step(kind, inputs, outputs, attributes, this.origin, epilogue);
  }

  /**
   * An epilogue on one result of `dataType`, over the shape of `output`; none if `compute` changes nothing but the
   * data type, as storing does that.
   */
  epilogue(
    output: View,
    dataType: DataType,
    compute: (formula: Formula, result: Value) => Value,
  ): Expression | undefined {
    const formula = new Formula(this.module.tensors, output.shape);
    const result = formula.result(0, dataType);
    const value = compute(formula, result);
    if (value === result) return undefined;
    return formula.finishEpilogue(1, [formula.cast(value, this.module.dataType(output))]);
  }

  /** A prologue on an operand of the given shape and data type; none if `compute` changes nothing. */
  prologue(
    shape: readonly number[],
    dataType: DataType,
    compute: (formula: Formula, element: Value) => Value,
  ): Expression | undefined {
    const formula = new Formula(this.module.tensors, shape);
    const element = formula.result(0, dataType);
    const value = compute(formula, element);
    return value === element ? undefined : formula.finishEpilogue(1, [value]);
  }
}
