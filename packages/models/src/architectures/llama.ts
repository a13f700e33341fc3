import type { Metadata } from '../formats/metadata.js';
import type { Weights } from '../formats/weights.js';
import type { DecoderDescription } from './decoder-description.js';
import { readGgufDecoder } from './gguf-decoder.js';

/**
 * Llama 2 and 3, SmolLM, and what else shares their form (Touvron et al., 2023): RMS normalization, grouped-query
 * attention without biases, a feed-forward gated by silu. In a GGUF the rows of query and key are permuted so that
 * neighbouring elements turn together.
 */
export function readLlama(metadata: Metadata, weights: Weights): DecoderDescription {
  return readGgufDecoder(metadata, weights, { attentionBias: false, rotaryLayout: 'pairs' });
}
