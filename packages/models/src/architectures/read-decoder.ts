import { HalyardError } from '@halyard/core';
import { Metadata } from '../formats/metadata.js';
import { Weights } from '../formats/weights.js';
import type { OpenedModel } from '../worker/protocol.js';
import type { Decoder, DecoderDescription } from './decoder-description.js';
import { readLlama } from './llama.js';
import { readQwen2 } from './qwen2.js';

const families: Readonly<Record<string, (metadata: Metadata, weights: Weights) => DecoderDescription>> = {
  llama: readLlama,
  qwen2: readQwen2,
};

/** @throws HalyardError `unsupported` for another architecture, or `bad-file` */
export function readDecoder(model: OpenedModel): Decoder {
  const metadata = new Metadata(model.path, model.metadata);
  const weights = new Weights(model.tensors, model.identity);
  if (model.format !== 'gguf') {
    throw new HalyardError('unsupported', {
      found: `${model.path} is a folder of safetensors`,
      expected: 'a GGUF file of a language model',
      remedy: 'Name a GGUF file; to embed sentences, use SentenceEncoder or `halyard embed`',
    });
  }
  const architecture = metadata.text('general.architecture');
  const read = Object.hasOwn(families, architecture) ? families[architecture] : undefined;
  if (read === undefined) {
    throw new HalyardError('unsupported', {
      found: `${model.path} has the architecture ${JSON.stringify(architecture)}`,
      expected: `one of ${Object.keys(families).join(', ')}`,
      remedy: 'Choose a model of one of these architectures',
    });
  }
  return { description: read(metadata, weights), weights };
}
