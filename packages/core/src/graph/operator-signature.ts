import type { MLOperandDataType } from './data-types.js';

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

/** What an operator takes and gives, as far as it can be said without looking at a use of it. */
export interface OperatorSignature {
  readonly name: string;
  readonly inputs: readonly InputDeclaration[];
  /** `outputs` for operators with a list of results, as WebNN names them. */
  readonly outputs: { readonly name: 'output' | 'outputs'; readonly dataTypes: AllowedTypes };
  readonly attributes: Readonly<Record<string, AttributeKind>>;
}

/** The data types that an input or the results may have, references followed. */
export function resolveTypes(
  declaration: Pick<OperatorSignature, 'inputs'>,
  types: AllowedTypes,
): readonly MLOperandDataType[] {
  if (!('sameAs' in types)) return types;
  const referred = declaration.inputs.find(({ name }) => name === types.sameAs)!;
  return resolveTypes(declaration, referred.dataTypes);
}
