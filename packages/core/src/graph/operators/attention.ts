import { floatTypes } from '../data-types.js';
import { atLeastRank, input, type OperatorDeclaration, optionalInput, output, sameAs } from '../declaration.js';
import { describeShape } from '../errors.js';
import type { MLOperand } from '../operand.js';
import type { MLOperatorOptions } from '../operator-builder.js';
import type { OperatorCall } from '../operator-call.js';
import { IndexingOperators } from './indexing.js';

const scaledDotProductAttention: OperatorDeclaration = {
  name: 'scaledDotProductAttention',
  inputs: [
    input('query', floatTypes, [4, 4]),
    input('key', floatTypes, [4, 4]),
    input('value', sameAs('key'), [4, 4]),
    optionalInput('lengths', ['int32'], [1, 1]),
    optionalInput('starts', ['int32'], [1, 1]),
    optionalInput('mask', floatTypes, [0, 4]),
  ],
  outputs: output(sameAs('query')),
  attributes: { causal: 'boolean', scale: 'number' },
  infer: (call) => {
    const [batch, heads, queries, width] = four(call, 'query');
    const [keyBatch, keyHeads, capacity, keyWidth] = four(call, 'key');
    const valueWidth = four(call, 'value')[3];
    if (keyBatch !== batch || keyWidth !== width || keyHeads === 0 || heads % keyHeads !== 0) {
      call.reject(
        `query of shape ${describeShape([batch, heads, queries, width])} and key of shape ` +
          describeShape([keyBatch, keyHeads, capacity, keyWidth]),
        'the same batch and width, and heads of the query a multiple of heads of the key',
        'Pass [batch, heads, positions, width].',
      );
    }
    call.requireShape('value', [batch, keyHeads, capacity, valueWidth], 'that of the key but for the width');
    for (const name of ['lengths', 'starts']) call.requireShape(name, [batch], 'one for each sequence of the batch');
    call.requireBroadcastTo('mask', [batch, heads, queries, capacity], 'that of the scores');
    return [{ dataType: call.input('query').dataType, shape: [batch, heads, queries, valueWidth] }];
  },
};

function four(call: OperatorCall, name: string): readonly [number, number, number, number] {
  return call.input(name).shape as readonly number[] as readonly [number, number, number, number];
}

const rotaryEmbedding: OperatorDeclaration = {
  name: 'rotaryEmbedding',
  inputs: [input('input', floatTypes, atLeastRank(1)), input('cos', floatTypes), input('sin', sameAs('cos'))],
  outputs: output(sameAs('input')),
  attributes: { layout: ['halves', 'pairs'] },
  infer: (call) => {
    const operand = call.input('input');
    const width = operand.shape.at(-1)!;
    if (width % 2 !== 0) {
      call.reject(`input of shape ${describeShape(operand.shape)}`, 'an even last dimension', 'Slice it first.');
    }
    const half = [...operand.shape.slice(0, -1), width / 2];
    for (const name of ['cos', 'sin']) call.requireBroadcastTo(name, half, 'one angle for each pair of the input');
    return [operand];
  },
};

export const attentionOperators = [scaledDotProductAttention, rotaryEmbedding] as const;

export interface MLAttentionOptions extends MLOperatorOptions {
  /** int32 [batch]: how many keys of each sequence count. Default all. */
  readonly lengths?: MLOperand;
  /** int32 [batch]: the first key that counts. Default 0. */
  readonly starts?: MLOperand;
  /** Added to the scaled scores, broadcast to [batch, heads, queries, keys]. */
  readonly mask?: MLOperand;
  /** Query i of q sees no key after length − q + i. Default false. */
  readonly causal?: boolean;
  /** Factor of the scores. Default 1/√width. */
  readonly scale?: number;
}

export interface MLRotaryEmbeddingOptions extends MLOperatorOptions {
  /** Element i turns with i + width/2 (`halves`), or 2i with 2i + 1 (`pairs`). Default halves. */
  readonly layout?: 'halves' | 'pairs';
}

/** What transformers are made of. Beyond WebNN. */
export abstract class AttentionOperators extends IndexingOperators {
  /**
   * softmax(scale·query·keyᵀ + mask)·value. query [batch, heads, queries, width], key [batch, keyHeads, keys, width],
   * value [batch, keyHeads, keys, valueWidth] → [batch, heads, queries, valueWidth]. `heads` is a multiple of
   * `keyHeads`: each head of the keys serves a group of heads of the query. A query that sees no key gives zeros.
   */
  scaledDotProductAttention(
    query: MLOperand,
    key: MLOperand,
    value: MLOperand,
    options: MLAttentionOptions = {},
  ): MLOperand {
    this.requireOwn('scaledDotProductAttention', 'query', query);
    const { lengths, starts, mask, causal = false } = options;
    const { scale = 1 / Math.sqrt(Math.max(query.shape.at(-1) ?? 1, 1)) } = options;
    const inputs = [query, key, value, lengths, starts, mask];
    return this.operator(scaledDotProductAttention, inputs, { causal, scale }, options);
  }

  /**
   * Turns pairs of elements along the last dimension by angles whose cosines and sines, [.., width/2], are broadcast
   * to the pairs (Su et al., RoFormer, 2021): (x, y) → (x·cos − y·sin, y·cos + x·sin).
   */
  rotaryEmbedding(input: MLOperand, cos: MLOperand, sin: MLOperand, options: MLRotaryEmbeddingOptions = {}): MLOperand {
    return this.operator(rotaryEmbedding, [input, cos, sin], { layout: options.layout ?? 'halves' }, options);
  }
}
