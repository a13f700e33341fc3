import { HalyardError } from '@halyard/core';
import { badFile } from '../formats/bad-file.js';
import type { Metadata } from '../formats/metadata.js';
import type { Weights } from '../formats/weights.js';
import { type DecoderDescription, decoderTensors } from './decoder-description.js';

/** What a family adds to the hyperparameters that all of them state in the same way. */
export type DecoderFamily = Pick<DecoderDescription, 'attentionBias'> & {
  readonly rotaryLayout: DecoderDescription['rotary']['layout'];
};

/**
 * Reads the hyperparameters of a GGUF whose keys begin with the architecture's name.
 *
 * @throws HalyardError `bad-file` for what is missing or out of range, `unsupported` for variants that are not built
 */
export function readGgufDecoder(metadata: Metadata, weights: Weights, family: DecoderFamily): DecoderDescription {
  const architecture = metadata.text('general.architecture');
  const key = (name: string) => `${architecture}.${name}`;
  const hiddenSize = metadata.integer(key('embedding_length'), 1, 1 << 20);
  const heads = metadata.integer(key('attention.head_count'), 1, 1 << 12);
  const keyHeads = metadata.integer(key('attention.head_count_kv'), 1, heads, heads);
  const headSize = metadata.integer(key('attention.key_length'), 2, 1 << 12, Math.trunc(hiddenSize / heads));
  require(metadata, key('attention.head_count'), heads, heads % keyHeads === 0, `is a multiple of ${keyHeads}`);
  require(metadata, key('attention.key_length'), headSize, headSize % 2 === 0, 'is even');
  const linear = requirePlain(metadata, key, headSize);
  return {
    architecture,
    layers: metadata.integer(key('block_count'), 1, 1 << 12),
    hiddenSize,
    feedForwardSize: metadata.integer(key('feed_forward_length'), 1, 1 << 22),
    heads,
    keyHeads,
    headSize,
    vocabularySize: vocabularySize(metadata, weights),
    contextLength: metadata.integer(key('context_length'), 1, 2 ** 31 - 1),
    normalizationEpsilon: metadata.positive(key('attention.layer_norm_rms_epsilon')),
    attentionBias: family.attentionBias,
    rotary: {
      base: metadata.positive(key('rope.freq_base'), 10_000),
      layout: family.rotaryLayout,
      linearFactor: linear,
    },
  };
}

/** @returns by how much positions are divided */
function requirePlain(metadata: Metadata, key: (name: string) => string, headSize: number): number {
  const scaling = metadata.text(key('rope.scaling.type'), 'none');
  if (scaling !== 'none' && scaling !== 'linear') {
    throw unsupported(`${key('rope.scaling.type')} is ${JSON.stringify(scaling)}`, 'none or linear');
  }
  const rotated = metadata.integer(key('rope.dimension_count'), 2, headSize, headSize);
  if (rotated !== headSize) {
    throw unsupported(`${key('rope.dimension_count')} is ${rotated}`, `${headSize}, the whole head`);
  }
  const experts = metadata.integer(key('expert_count'), 0, 1 << 16, 0);
  if (experts > 0) throw unsupported(`${key('expert_count')} is ${experts}`, 'a dense model');
  return scaling === 'linear' ? metadata.positive(key('rope.scaling.factor')) : 1;
}

function vocabularySize(metadata: Metadata, weights: Weights): number {
  const name = decoderTensors.embedding;
  const shape = weights.shapeOf(name);
  if (shape?.length === 2) return shape[0]!;
  const found = shape === undefined ? 'missing' : `of shape [${shape.join(', ')}]`;
  throw badFile({ path: metadata.path, field: name, found, expected: 'has the shape [vocabulary, embedding_length]' });
}

function require(metadata: Metadata, field: string, found: number, holds: boolean, expected: string): void {
  if (!holds) throw badFile({ path: metadata.path, field, found: String(found), expected });
}

function unsupported(found: string, expected: string): HalyardError {
  return new HalyardError('unsupported', { found, expected, remedy: 'Choose another model of this family' });
}
