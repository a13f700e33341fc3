import type { Weights } from '../formats/weights.js';

/** The hyperparameters of a decoder-only transformer: all that distinguishes the families from each other. */
export interface DecoderDescription {
  /** As the file names it: `llama`, `qwen2`. */
  readonly architecture: string;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly feedForwardSize: number;
  readonly heads: number;
  /** Heads of keys and values; `heads` is a multiple. */
  readonly keyHeads: number;
  readonly headSize: number;
  readonly vocabularySize: number;
  /** The longest sequence that the model was trained for. */
  readonly contextLength: number;
  readonly normalizationEpsilon: number;
  readonly attentionBias: boolean;
  readonly rotary: {
    readonly base: number;
    /** Which elements of a head turn together, in the order in which the file holds the weights. */
    readonly layout: 'pairs' | 'halves';
    /** Divides the positions. */
    readonly linearFactor: number;
  };
}

/** A decoder with its weights. */
export interface Decoder {
  readonly description: DecoderDescription;
  readonly weights: Weights;
}

/** Names of a decoder's tensors in a GGUF. Source: llama.cpp's `gguf-py/gguf/constants.py`. */
export const decoderTensors = {
  embedding: 'token_embd.weight',
  outputNormalization: 'output_norm.weight',
  output: 'output.weight',
  rotaryFactors: 'rope_freqs.weight',
  layer: (layer: number) => ({
    attentionNormalization: `blk.${layer}.attn_norm.weight`,
    query: `blk.${layer}.attn_q`,
    key: `blk.${layer}.attn_k`,
    value: `blk.${layer}.attn_v`,
    attentionOutput: `blk.${layer}.attn_output.weight`,
    feedForwardNormalization: `blk.${layer}.ffn_norm.weight`,
    gate: `blk.${layer}.ffn_gate.weight`,
    up: `blk.${layer}.ffn_up.weight`,
    down: `blk.${layer}.ffn_down.weight`,
  }),
} as const;
