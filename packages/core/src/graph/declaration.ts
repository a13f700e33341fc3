import type { MLOperandDataType } from './data-types.js';
import type { MLOperandDescriptor } from './operand.js';
import type { OperatorCall } from './operator-call.js';
import { maximumRank } from './shape.js';

/** Data types that are listed, or those of another input. */
export type AllowedTypes = readonly MLOperandDataType[] | { readonly sameAs: string };

export interface InputDeclaration {
  readonly name: string;
  readonly dataTypes: AllowedTypes;
  /** Least and greatest. */
  readonly ranks: readonly [number, number];
  readonly optional?: boolean;
  /** The last input may stand for any number, at least one. */
  readonly variadic?: boolean;
}

/**
 * - `natural`: a whole number from 0 on; `integer`: of either sign; in the plural, a list of them
 * - `number`: finite; `scalar`: already cast to the data type it stands for (64-bit integers as decimal strings);
 *   `optionalScalar`: that, or left out
 * - a list of strings: one of them
 */
export type AttributeKind =
  | 'boolean'
  | 'natural'
  | 'naturals'
  | 'integer'
  | 'number'
  | 'scalar'
  | 'optionalScalar'
  | readonly string[];

/** All there is to know about an operator before it is used: validation and `opSupportLimits` both derive from it. */
export interface OperatorDeclaration {
  readonly name: string;
  readonly inputs: readonly InputDeclaration[];
  /** `outputs` for operators with a list of results, as WebNN names them. */
  readonly outputs: { readonly name: 'output' | 'outputs'; readonly dataTypes: AllowedTypes };
  readonly attributes: Readonly<Record<string, AttributeKind>>;
  /** Checks what depends on more than one thing, and gives data types and shapes of the results. */
  readonly infer: (call: OperatorCall) => readonly MLOperandDescriptor[];
}

export const anyRank: readonly [number, number] = [0, maximumRank];

export function input(
  name: string,
  dataTypes: AllowedTypes,
  ranks: readonly [number, number] = anyRank,
): InputDeclaration {
  return { name, dataTypes, ranks };
}

export function optionalInput(
  name: string,
  dataTypes: AllowedTypes,
  ranks: readonly [number, number] = anyRank,
): InputDeclaration {
  return { name, dataTypes, ranks, optional: true };
}

export function atLeastRank(rank: number): readonly [number, number] {
  return [rank, maximumRank];
}

export function sameAs(name: string): AllowedTypes {
  return { sameAs: name };
}

export function output(dataTypes: AllowedTypes): OperatorDeclaration['outputs'] {
  return { name: 'output', dataTypes };
}

/** The data types that an input or the results may have, references followed. */
export function resolveTypes(
  declaration: Pick<OperatorDeclaration, 'inputs'>,
  types: AllowedTypes,
): readonly MLOperandDataType[] {
  if (!('sameAs' in types)) return types;
  const referred = declaration.inputs.find(({ name }) => name === types.sameAs)!;
  return resolveTypes(declaration, referred.dataTypes);
}
