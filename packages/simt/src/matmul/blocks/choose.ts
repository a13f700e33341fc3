import type { Configuration } from '@halyard/core';
import { isFloat } from '../../expression/index.js';
import { architectureModel } from '../../schedule/index.js';
import { computeCapability, type Target } from '../../target/target.js';
import type { MatmulProblem } from '../problem.js';
import { quantizedRows } from '../quantized-rows.js';
import { formatCapability } from '../tensor/format.js';

/** Formats with one scale for each 32 elements. */
const types: readonly string[] = ['q4_0', 'q4_1', 'q8_0', 'q4_k'];
/** Those of them with an offset, too. */
const offsetTypes: readonly string[] = ['q4_1', 'q4_k'];
/** Elements of the activations that indices of 32 bits reach. */
const mostElements = 2 ** 31 - 1;
/** How much faster it has to be, by the model, to be worth a launch that rounds the activations. */
const gain = 0.8;

/**
 * Whether activations are rounded to int8 and multiplied so: where that is allowed, and faster than what else there is.
 * Tensor cores do int8 at twice the rate of 16 bits, but scaling what each 32 products add up to takes the units for
 * float32, of which A100, H100 and their like have few beside their tensor cores; there, what is dequantized to bfloat16
 * is multiplied. `kernel: 'blocks'` of a table's entry asks for int8, `'tensor'` for the other.
 */
export function usesBlocks(problem: MatmulProblem, target: Target, tuning: Configuration): boolean {
  const { step, bs, k, m, batches, tensors } = problem;
  const { multiply, accumulate } = step.attributes;
  const capability = computeCapability(target);
  const isPossible =
    target.vendor === 'cuda' &&
    capability >= formatCapability.int8 &&
    multiply === 'int8' &&
    isFloat(accumulate) &&
    k > 0 &&
    bs.length <= 4 &&
    m * k * batches <= mostElements &&
    bs.every(({ type, operand }) => types.includes(type) && quantizedRows(tensors, operand));
  if (!isPossible || tuning.kernel === 'tensor') return false;
  if (tuning.kernel === 'blocks') return true;
  const { tensorMultiplyAdds, multiplyAdds } = architectureModel(target.architecture);
  // Cycles for each sum of 32 products: to a float, times one scale, times the other and added; perhaps an offset.
  const asInt8 = Math.max(16 / tensorMultiplyAdds, (hasOffsets(problem) ? 4 : 3) / multiplyAdds);
  const otherwise = capability >= formatCapability.bfloat16 ? 32 / tensorMultiplyAdds : 32 / multiplyAdds;
  return asInt8 < gain * otherwise;
}

/** Whether some b has an offset beside its scales, so that sums of a's elements are needed. */
export const hasOffsets = ({ bs }: MatmulProblem): boolean => bs.some(({ type }) => offsetTypes.includes(type));
