import type { Attributes } from '../contract/index.js';
import type { MLOperandDataType } from './data-types.js';
import { describe, describeShape, placeOf, rejectArgument } from './errors.js';
import { MLOperand, type MLOperandDescriptor } from './operand.js';
import {
  type AttributeKind,
  type InputDeclaration,
  type OperatorSignature,
  resolveTypes,
} from './operator-signature.js';
import { broadcastShapes, canBroadcastTo } from './shape.js';

/** One use of an operator: what was passed, checked against the declaration, and the words to reject it with. */
export class OperatorCall {
  /** For messages: `matmul "attention.query"`. */
  readonly where: string;

  constructor(
    readonly declaration: OperatorSignature,
    /** By position; of a variadic input all that were given. */
    readonly operands: readonly (MLOperand | undefined)[],
    readonly attributes: Attributes,
    label: string,
  ) {
    this.where = placeOf(declaration.name, label);
    this.#checkOperands();
    for (const [name, kind] of Object.entries(declaration.attributes)) this.#checkAttribute(name, kind);
  }

  reject(found: string, expected: string, remedy: string): never {
    return rejectArgument(this.where, found, expected, remedy);
  }

  input(name: string): MLOperandDescriptor {
    return this.optional(name)!;
  }

  optional(name: string): MLOperandDescriptor | undefined {
    return this.operands[this.declaration.inputs.findIndex((declared) => declared.name === name)];
  }

  natural(name: string): number {
    return this.attributes[name] as number;
  }

  naturals(name: string): readonly number[] {
    return this.attributes[name] as readonly number[];
  }

  /** An attribute that names a dimension of `rank` of them. */
  axis(name: string, rank: number): number {
    const axis = this.natural(name);
    if (axis >= rank) this.#rejectAxis(name, axis, rank);
    return axis;
  }

  /** An attribute that names different dimensions of `rank` of them. */
  axes(name: string, rank: number): readonly number[] {
    const axes = this.naturals(name);
    const outside = axes.find((axis) => axis >= rank);
    if (outside !== undefined) this.#rejectAxis(name, outside, rank);
    if (new Set(axes).size !== axes.length) {
      this.reject(`${name} ${describe(axes)}`, 'each axis once', `Remove the repeated entries of ${name}.`);
    }
    return axes;
  }

  /** A list with one entry for each dimension. */
  perDimension(name: string, rank: number): readonly number[] {
    const list = this.naturals(name);
    if (list.length !== rank) {
      this.reject(`${name} ${describe(list)}`, `${rank} entries, one for each dimension`, `Change ${name}.`);
    }
    return list;
  }

  /** The shape that two inputs broadcast to. */
  broadcast(a: string, b: string): number[] {
    const shapeA = this.input(a).shape;
    const shapeB = this.input(b).shape;
    return (
      broadcastShapes(shapeA, shapeB) ??
      this.reject(
        `${a} of shape ${describeShape(shapeA)} and ${b} of shape ${describeShape(shapeB)}`,
        'shapes that broadcast to each other: aligned at the last dimension, equal or 1',
        'Bring them together with reshape or expand.',
      )
    );
  }

  requireShape(name: string, expected: readonly number[], why: string): void {
    const found = this.optional(name)?.shape;
    if (found && (found.length !== expected.length || found.some((extent, axis) => extent !== expected[axis]))) {
      this.reject(
        `${name} of shape ${describeShape(found)}`,
        `shape ${describeShape(expected)}, ${why}`,
        `Change the shape of ${name}.`,
      );
    }
  }

  requireBroadcastTo(name: string, shape: readonly number[], why: string): void {
    const found = this.optional(name)?.shape;
    if (found && !canBroadcastTo(found, shape)) {
      this.reject(
        `${name} of shape ${describeShape(found)}`,
        `a shape that broadcasts to ${describeShape(shape)}, ${why}`,
        `Change the shape of ${name}.`,
      );
    }
  }

  #rejectAxis(name: string, axis: number, rank: number): never {
    return this.reject(
      `${name} ${axis}`,
      rank === 0 ? 'an input of rank 1 at least' : `an axis from 0 to ${rank - 1}`,
      'WebNN counts axes from the first; negative axes do not exist.',
    );
  }

  #checkOperands(): void {
    const { inputs } = this.declaration;
    const last = inputs.at(-1);
    if (last?.variadic && this.operands.length < inputs.length) {
      this.reject(`no ${last.name}`, `at least one of ${last.name}`, 'Pass an operand.');
    }
    this.operands.forEach((operand, position) => {
      const declared = inputs[Math.min(position, inputs.length - 1)]!;
      if (operand) this.#checkOperand(operand, declared);
    });
  }

  #checkOperand(operand: MLOperand, declared: InputDeclaration): void {
    const name = `${declared.name}${this.#labelOf(operand)}`;
    const allowed = this.#allowedTypes(declared);
    if (!allowed.includes(operand.dataType)) {
      this.reject(`${name} of data type ${operand.dataType}`, allowed.join(', '), 'Convert it with cast.');
    }
    const [least, greatest] = declared.ranks;
    const rank = operand.shape.length;
    if (rank < least || rank > greatest) {
      const ranks = least === greatest ? `rank ${least}` : `rank ${least} to ${greatest}`;
      this.reject(`${name} of shape ${describeShape(operand.shape)}`, ranks, 'Change the rank with reshape.');
    }
  }

  #allowedTypes({ dataTypes }: InputDeclaration): readonly MLOperandDataType[] {
    if (!('sameAs' in dataTypes)) return dataTypes;
    const referred = this.optional(dataTypes.sameAs);
    return referred ? [referred.dataType] : resolveTypes(this.declaration, dataTypes);
  }

  #labelOf(operand: MLOperand): string {
    const label = MLOperand.originOf(operand)?.label;
    return label ? ` ("${label}")` : '';
  }

  #checkAttribute(name: string, kind: AttributeKind): void {
    const value: unknown = this.attributes[name];
    if (isOfKind(value, kind)) return;
    this.reject(`${name} ${describe(value)}`, kindInWords(kind), `Change ${name}.`);
  }
}

function isOfKind(value: unknown, kind: AttributeKind): boolean {
  switch (kind) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'natural':
      return Number.isSafeInteger(value) && (value as number) >= 0;
    case 'integer':
      return Number.isSafeInteger(value);
    case 'naturals':
      return Array.isArray(value) && value.every((entry) => isOfKind(entry, 'natural'));
    case 'number':
      return Number.isFinite(value);
    case 'scalar':
      return typeof value === 'number' || typeof value === 'string';
    case 'optionalScalar':
      return value === undefined || isOfKind(value, 'scalar');
    default:
      return kind.includes(value as string);
  }
}

function kindInWords(kind: AttributeKind): string {
  switch (kind) {
    case 'boolean':
      return 'true or false';
    case 'natural':
      return 'a whole number from 0 on';
    case 'integer':
      return 'a whole number';
    case 'naturals':
      return 'a list of whole numbers from 0 on';
    case 'number':
      return 'a finite number';
    case 'scalar':
    case 'optionalScalar':
      return 'a number';
    default:
      return kind.map((value) => `'${value}'`).join(' or ');
  }
}
