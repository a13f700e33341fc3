import { HalyardError } from '@halyard/core';
import { badFile } from '../formats/bad-file.js';
import { Metadata } from '../formats/metadata.js';
import { Weights } from '../formats/weights.js';
import type { OpenedModel } from '../worker/protocol.js';
import { type Decoder, type DecoderDescription, decoderTensors } from './decoder-description.js';
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
  const description = read(metadata, weights);
  const tokens = model.tokens.control.length;
  if (tokens > description.vocabularySize) {
    const expected = `has no more than ${description.vocabularySize} entries, the rows of ${decoderTensors.embedding}`;
    throw badFile({ path: model.path, field: 'tokenizer.ggml.tokens', found: `${tokens} long`, expected });
  }
  return { description, weights };
}
