import type { LibraryProduct, Step } from '@halyard/core';
import { productKernel } from '../../kernel/library-answer.js';
import type { StepKernels, StepScene } from '../../steps/step-generator.js';
import { describeProduct } from './describe-product.js';

/** A matmul that the vendor's library does, as it was found to. */
export function generateProduct(
  { tensors }: StepScene,
  step: Step<'matmul'>,
  product: LibraryProduct,
  reason: string,
): StepKernels {
  const described = describeProduct(step, tensors, product.workspaceBytes);
  if (typeof described === 'string') throw new TypeError(`a library product for a step that is none: ${described}`);
  const { workspaceBytes } = product;
  const scratch = workspaceBytes > 0 ? [{ kind: 'scratch', offset: 0 } as const] : [];
  return {
    launches: [{ product, arguments: [...described.arguments, ...scratch] }],
    scratchBytes: workspaceBytes,
    choice: { kernel: productKernel, configuration: { compute: product.compute, workspaceBytes }, reason },
  };
}
