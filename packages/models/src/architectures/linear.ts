import type { MLGraphBuilder, MLOperand } from '@halyard/core';
import type { Weight } from '../formats/weights.js';

/** A weight as a constant of the graph; types that cannot be multiplied with float32 as they are get cast. */
export function constantOf(builder: MLGraphBuilder, weight: Weight): MLOperand {
  const descriptor = { dataType: weight.type, shape: weight.shape } as Parameters<MLGraphBuilder['state']>[1];
  const constant = builder.constant(descriptor, weight.source, { label: weight.name });
  const isFloat = weight.type === 'float16' || weight.type === 'bfloat16';
  return isFloat ? builder.cast(constant, 'float32', { label: weight.name }) : constant;
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
  const product = builder.matmul(x, builder.transpose(constantOf(builder, weight), { label }), { label });
  return bias === undefined ? product : builder.add(product, constantOf(builder, bias), { label: `${label}.bias` });
}
