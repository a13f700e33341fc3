import type { Attributes, ConstantSource, Type } from '../contract/index.js';

/** What the builder made: operators over operands, as plain data. Operand ids index `operands`. */
export interface Graph {
  readonly operands: readonly OperandDescription[];
  /** In an order in which each comes after what it reads. */
  readonly operators: readonly Operator[];
  readonly inputs: readonly { readonly name: string; readonly operand: number }[];
  readonly outputs: readonly { readonly name: string; readonly operand: number }[];
  readonly constants: readonly { readonly operand: number; readonly source: ConstantSource }[];
  /** `operand` is the state's value when the run starts; an `assign` gives a new operand for what it is afterwards. */
  readonly states: readonly { readonly name: string; readonly operand: number }[];
}

export interface OperandDescription {
  readonly dataType: Type;
  readonly shape: readonly number[];
  readonly label: string;
}

export interface Operator {
  /** WebNN's name: `matmul`, `reduceSum`; `assign` for the writing of a state. */
  readonly name: string;
  /** By position, as listed with each operator in its file; `null` is an optional one left out. */
  readonly inputs: readonly (number | null)[];
  readonly outputs: readonly number[];
  readonly attributes: Attributes;
  readonly label: string;
}
