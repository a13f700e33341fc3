import type { MLGraphBuilder, MLOperand, MLOperandDescriptor } from '@halyard/core';
import type { Weight } from '../formats/weights.js';

/** A weight as a constant of the graph, in the type of the file. */
export function constantOf(builder: MLGraphBuilder, { name, type, shape, source }: Weight): MLOperand {
  // The weights that architectures ask for are of types that a constant can have.
  const descriptor = { dataType: type, shape } as MLOperandDescriptor;
  return builder.constant(descriptor, source, { label: name });
}

/** Multiplied or added, float16 and bfloat16 have to be of the other operand's type. */
export function inFloat32(builder: MLGraphBuilder, operand: MLOperand, label: string): MLOperand {
  const isShort = operand.dataType === 'float16' || operand.dataType === 'bfloat16';
  return isShort ? builder.cast(operand, 'float32', { label }) : operand;
}

/** {@link constantOf} in float32, or in blocks. */
export function parameter(builder: MLGraphBuilder, weight: Weight): MLOperand {
  return inFloat32(builder, constantOf(builder, weight), weight.name);
}

/** Rows of a table: float32 [rows, columns], indices [...] → [..., columns]. */
export function lookUp(builder: MLGraphBuilder, table: Weight, indices: MLOperand): MLOperand {
  const rows = builder.gather(constantOf(builder, table), indices, { label: table.name });
  return inFloat32(builder, rows, table.name);
}

/**
 * x · weightᵀ + bias
 *
 * @param x float32 [..., k]
 * @param weight [n, k], as models store it
 * @param bias [n]
 * @returns float32 [..., n]
 */
export function linear(
  builder: MLGraphBuilder,
  x: MLOperand,
  weight: Weight,
  options: { readonly label: string; readonly bias?: Weight | undefined },
): MLOperand {
  const { label, bias } = options;
  const product = builder.matmul(x, builder.transpose(parameter(builder, weight), { label }), { label });
  return bias === undefined ? product : builder.add(product, parameter(builder, bias), { label: `${label}.bias` });
}
