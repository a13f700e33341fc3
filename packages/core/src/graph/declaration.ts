import type { MLOperandDescriptor } from './operand.js';
import type { OperatorCall } from './operator-call.js';
import type { AllowedTypes, InputDeclaration, OperatorSignature } from './operator-signature.js';
import { maximumRank } from './shape.js';

/** All there is to know about an operator before it is used: validation and `opSupportLimits` both derive from it. */
export interface OperatorDeclaration extends OperatorSignature {
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
