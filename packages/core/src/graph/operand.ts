import type { MLOperandDataType } from './data-types.js';

/** The data type and the shape of an operand; of rank 0, a scalar. */
export interface MLOperandDescriptor {
  readonly dataType: MLOperandDataType;
  readonly shape: readonly number[];
}

/** Where an operand comes from: known to the builder alone. */
export interface OperandOrigin {
  readonly builder: object;
  readonly id: number;
  readonly label: string;
}

/**
 * A tensor in a graph that is being built. Made by the methods of `MLGraphBuilder`; belongs to that builder.
 *
 * @see https://www.w3.org/TR/webnn/#api-mloperand
 */
export class MLOperand implements MLOperandDescriptor {
  readonly dataType: MLOperandDataType;
  readonly shape: readonly number[];
  readonly #origin: OperandOrigin;

  /** @internal */
  constructor(descriptor: MLOperandDescriptor, origin: OperandOrigin) {
    this.dataType = descriptor.dataType;
    this.shape = Object.freeze([...descriptor.shape]);
    this.#origin = origin;
  }

  /** @internal `undefined` for anything that is not an operand. */
  static originOf(operand: unknown): OperandOrigin | undefined {
    return typeof operand === 'object' && operand !== null && #origin in operand ? operand.#origin : undefined;
  }
}
