import { blockTypes, floatTypes, isBlockType } from '../data-types.js';
import { atLeastRank, input, type OperatorDeclaration, optionalInput, output, sameAs } from '../declaration.js';
import { describeShape } from '../errors.js';
import type { MLOperand } from '../operand.js';
import type { MLOperatorOptions } from '../operator-builder.js';
import type { OperatorCall } from '../operator-call.js';
import { broadcastShapes } from '../shape.js';
import { NormalizationOperators } from './normalization.js';

const weightTypes = [...floatTypes, ...blockTypes];

const matmul: OperatorDeclaration = {
  name: 'matmul',
  inputs: [input('a', floatTypes, atLeastRank(2)), input('b', weightTypes, atLeastRank(2))],
  outputs: output(sameAs('a')),
  attributes: {},
  infer: (call) => {
    requireSameOrBlocks(call);
    const [a, b] = [call.input('a').shape, call.input('b').shape];
    requireInner(call, a.at(-1)!, b.at(-2)!);
    const batch =
      broadcastShapes(a.slice(0, -2), b.slice(0, -2)) ??
      call.reject(
        `a of shape ${describeShape(a)} and b of shape ${describeShape(b)}`,
        'batch dimensions (all but the last two) that broadcast to each other',
        'Bring them together with reshape or expand.',
      );
    return [{ dataType: call.input('a').dataType, shape: [...batch, a.at(-2)!, b.at(-1)!] }];
  },
};

const gemm: OperatorDeclaration = {
  name: 'gemm',
  inputs: [input('a', floatTypes, [2, 2]), input('b', weightTypes, [2, 2]), optionalInput('c', sameAs('a'), [0, 2])],
  outputs: output(sameAs('a')),
  attributes: { alpha: 'number', beta: 'number', aTranspose: 'boolean', bTranspose: 'boolean' },
  infer: (call) => {
    requireSameOrBlocks(call);
    const [rows, innerA] = oriented(call.input('a').shape, call.attributes.aTranspose);
    const [innerB, columns] = oriented(call.input('b').shape, call.attributes.bTranspose);
    requireInner(call, innerA!, innerB!);
    const shape = [rows!, columns!];
    call.requireBroadcastTo('c', shape, 'that of the product');
    return [{ dataType: call.input('a').dataType, shape }];
  },
};

function oriented(shape: readonly number[], isTransposed: unknown): readonly number[] {
  return isTransposed ? [...shape].reverse() : shape;
}

function requireSameOrBlocks(call: OperatorCall): void {
  const [a, b] = [call.input('a').dataType, call.input('b').dataType];
  if (a !== b && !isBlockType(b)) {
    call.reject(`a of data type ${a} and b of ${b}`, 'one data type, or block-quantized b', 'Convert one with cast.');
  }
}

function requireInner(call: OperatorCall, a: number, b: number): void {
  if (a === b) return;
  call.reject(
    `a of shape ${describeShape(call.input('a').shape)} and b of shape ${describeShape(call.input('b').shape)}`,
    `columns of a (${a}) equal to rows of b (${b})`,
    'Transpose one of them, or check which operand is which.',
  );
}

export const matmulOperators = [matmul, gemm] as const;

/** @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-gemm */
export interface MLGemmOptions extends MLOperatorOptions {
  /** Added to the product, broadcast to its shape. */
  readonly c?: MLOperand;
  /** Factor of the product. Default 1. */
  readonly alpha?: number;
  /** Factor of c. Default 1. */
  readonly beta?: number;
  readonly aTranspose?: boolean;
  readonly bTranspose?: boolean;
}

/**
 * Products of matrices. `b` may be block-quantized: stored as [N, K] with whole blocks along K, it is transposed to
 * [K, N] by `transpose` or by gemm's `bTranspose`.
 */
export abstract class MatmulOperators extends NormalizationOperators {
  /**
   * a [batch…, M, K] · b [batch…, K, N] → [batch…, M, N], batches broadcast to each other. Floats.
   *
   * @see https://www.w3.org/TR/webnn/#api-mlgraphbuilder-matmul
   */
  matmul(a: MLOperand, b: MLOperand, options: MLOperatorOptions = {}): MLOperand {
    return this.operator(matmul, [a, b], {}, options);
  }

  /** alpha·a·b + beta·c for a [M, K] and b [K, N], each transposed first if so asked. Floats. */
  gemm(a: MLOperand, b: MLOperand, options: MLGemmOptions = {}): MLOperand {
    const { c, alpha = 1, beta = 1, aTranspose = false, bTranspose = false } = options;
    return this.operator(gemm, [a, b, c], { alpha, beta, aTranspose, bTranspose }, options);
  }
}
