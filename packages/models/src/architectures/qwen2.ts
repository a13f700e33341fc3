import type { Metadata } from '../formats/metadata.js';
import type { Weights } from '../formats/weights.js';
import type { DecoderDescription } from './decoder-description.js';
import { readGgufDecoder } from './gguf-decoder.js';

/** Qwen2 and 2.5 (Yang et al., 2024): Llama's form with biases on query, key and value, and halves that turn together. */
export function readQwen2(metadata: Metadata, weights: Weights): DecoderDescription {
  return readGgufDecoder(metadata, weights, { attentionBias: true, rotaryLayout: 'halves' });
}
