import type { Type } from '../contract/index.js';
import { allTypes, elementTypes, type MLOperandDataType } from './data-types.js';
import { type OperatorSignature, resolveTypes } from './operator-signature.js';
import { operatorDeclarations } from './operators/index.js';
import type { RandomOperators } from './operators/random.js';

export interface MLDataTypeLimits {
  readonly dataTypes: readonly MLOperandDataType[];
}

export interface MLTensorLimits extends MLDataTypeLimits {
  readonly rankRange: { readonly min: number; readonly max: number };
}

/** Of each input and, under `output` or `outputs`, of the results. */
export type MLOperatorLimits = Readonly<Record<string, MLTensorLimits | MLDataTypeLimits>>;

/** The last family of operators has those of all families before it; `assign` is the builder's own. */
export type OperatorName = keyof RandomOperators | 'assign';

/**
 * Which data types and ranks each operator takes: only operators that exist are listed.
 *
 * @see https://www.w3.org/TR/webnn/#api-mlcontext-opsupportlimits
 */
export type OpSupportLimits = GeneralLimits & { readonly [Name in OperatorName]: MLOperatorLimits };

interface GeneralLimits {
  readonly preferredInputLayout: 'nchw';
  readonly maxTensorByteLength: number;
  readonly input: MLDataTypeLimits;
  readonly constant: MLDataTypeLimits;
  readonly output: MLDataTypeLimits;
}

/** What the operators as declared allow, of the data types that a device has. */
export function opSupportLimits(
  types: readonly Type[] = allTypes,
  maxTensorByteLength = Number.MAX_SAFE_INTEGER,
): OpSupportLimits {
  const supported = (listed: readonly MLOperandDataType[]) => listed.filter((type) => types.includes(type));
  const limitsOf = (declaration: OperatorSignature): MLOperatorLimits => {
    const inputs = declaration.inputs.map(({ name, dataTypes, ranks: [min, max] }) => [
      name,
      { dataTypes: supported(resolveTypes(declaration, dataTypes)), rankRange: { min, max } },
    ]);
    const { name, dataTypes } = declaration.outputs;
    const output = { dataTypes: supported(resolveTypes(declaration, dataTypes)) };
    return { ...Object.fromEntries(inputs), [name]: output };
  };
  const operators = operatorDeclarations.map((declaration) => [declaration.name, limitsOf(declaration)]);
  return {
    preferredInputLayout: 'nchw',
    maxTensorByteLength,
    input: { dataTypes: supported(elementTypes) },
    constant: { dataTypes: supported(allTypes) },
    output: { dataTypes: supported(elementTypes) },
    ...(Object.fromEntries(operators) as { readonly [Name in OperatorName]: MLOperatorLimits }),
  };
}
