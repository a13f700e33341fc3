import { type TensorToWrite, writeGguf } from './gguf-writer.js';
import * as plain from './plain-math.js';
import { randomNumbers } from './random.js';
import { randomWeights, type WeightType } from './weight-formats.js';

export interface TinyDecoderOptions {
  readonly architecture: 'llama' | 'qwen2';
  /** Of all matrices. Default float32. */
  readonly type?: WeightType;
  /** Whether the head reads the embedding. Default true. */
  readonly tied?: boolean;
  /** Factors that divide the rotary frequencies, as Llama 3's. */
  readonly rotaryFactors?: boolean;
  readonly chatTemplate?: string;
  /** What it says it was trained for. Default 256. */
  readonly contextLength?: number;
  readonly seed?: number;
}

const layers = 2;
const keyHeads = 2;
const base = 10_000;
const epsilon = 1e-5;

/** 96 printable characters as a byte-level vocabulary writes them, two merged ones, and two control tokens. */
const characters = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i));
const tokens = [...characters, 'Ġ', 'Ċ', 'th', 'Ġth', '<|start|>', '<|end|>'];
export const tinyVocabulary = { size: tokens.length, start: tokens.length - 2, end: tokens.length - 1 };

interface Sizes {
  readonly heads: number;
  readonly headSize: number;
  readonly hidden: number;
  readonly feedForward: number;
}

/** Rows have to hold whole blocks, of 256 elements for the formats with superblocks. */
function sizesFor(type: WeightType): Sizes {
  const isSuperblock = type === 'q4_k' || type === 'q6_k';
  return isSuperblock
    ? { heads: 8, headSize: 32, hidden: 256, feedForward: 256 }
    : { heads: 4, headSize: 16, hidden: 64, feedForward: 96 };
}

/** A small random decoder in a GGUF file, with the same computed in plain loops. */
export interface TinyDecoder {
  readonly path: string;
  /** Logits after each token. */
  forward(tokens: readonly number[]): number[][];
}

export async function writeTinyDecoder(path: string, options: TinyDecoderOptions): Promise<TinyDecoder> {
  const { architecture, type = 'float32', tied = true, seed = 1 } = options;
  const sizes = sizesFor(type);
  const { heads, headSize, hidden, feedForward } = sizes;
  const random = randomNumbers(seed);
  const tensors: TensorToWrite[] = [];
  const values = new Map<string, Float32Array>();
  const make = (name: string, shape: number[], as: WeightType, size: number, offset = 0) => {
    const encoded = randomWeights(
      as,
      shape.reduce((a, b) => a * b),
      size,
      random,
    );
    for (let i = 0; i < encoded.values.length; i++) encoded.values[i]! += offset;
    tensors.push({
      name,
      type: as,
      shape,
      data: as === 'float32' ? new Uint8Array(encoded.values.buffer) : encoded.data,
    });
    values.set(name, encoded.values);
  };
  make('token_embd.weight', [tokens.length, hidden], type, 1);
  make('output_norm.weight', [hidden], 'float32', 0.2, 1);
  if (!tied) make('output.weight', [tokens.length, hidden], type, 0.3);
  if (options.rotaryFactors) make('rope_freqs.weight', [headSize / 2], 'float32', 0.5, 1.5);
  for (let layer = 0; layer < layers; layer++) {
    const name = (part: string) => `blk.${layer}.${part}`;
    for (const [part, rows] of [
      ['attn_q', heads],
      ['attn_k', keyHeads],
      ['attn_v', keyHeads],
    ] as const) {
      make(name(`${part}.weight`), [rows * headSize, hidden], type, 0.2);
      if (architecture === 'qwen2') make(name(`${part}.bias`), [rows * headSize], 'float32', 0.5);
    }
    make(name('attn_output.weight'), [hidden, heads * headSize], type, 0.2);
    make(name('ffn_gate.weight'), [feedForward, hidden], type, 0.2);
    make(name('ffn_up.weight'), [feedForward, hidden], type, 0.2);
    make(name('ffn_down.weight'), [hidden, feedForward], type, 0.2);
    make(name('attn_norm.weight'), [hidden], 'float32', 0.2, 1);
    make(name('ffn_norm.weight'), [hidden], 'float32', 0.2, 1);
  }
  await writeGguf(path, tinyPairs(options, sizes), tensors);
  return { path, forward: (ids) => forward(ids, (name) => values.get(name), architecture, sizes) };
}

function tinyPairs(
  { architecture, chatTemplate, contextLength = 256 }: TinyDecoderOptions,
  { heads, hidden, feedForward }: Sizes,
) {
  const key = (name: string) => `${architecture}.${name}`;
  return {
    'general.architecture': architecture,
    [key('block_count')]: layers,
    [key('context_length')]: contextLength,
    [key('embedding_length')]: hidden,
    [key('feed_forward_length')]: feedForward,
    [key('attention.head_count')]: heads,
    [key('attention.head_count_kv')]: keyHeads,
    [key('attention.layer_norm_rms_epsilon')]: { float: epsilon },
    [key('rope.freq_base')]: { float: base },
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'gpt-2',
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': tokens.map((token) => (token.startsWith('<|') ? 3 : 1)),
    'tokenizer.ggml.merges': ['t h', 'Ġ th'],
    'tokenizer.ggml.bos_token_id': tinyVocabulary.start,
    'tokenizer.ggml.eos_token_id': tinyVocabulary.end,
    ...(chatTemplate === undefined ? {} : { 'tokenizer.chat_template': chatTemplate }),
  };
}

function forward(
  ids: readonly number[],
  find: (name: string) => Float32Array | undefined,
  architecture: 'llama' | 'qwen2',
  { heads, headSize, hidden }: Sizes,
): number[][] {
  const weight = (name: string) => find(name)!;
  const embedding = weight('token_embd.weight');
  const factors = find('rope_freqs.weight');
  const frequencies = Array.from(
    { length: headSize / 2 },
    (_, i) => base ** ((-2 * i) / headSize) / (factors?.[i] ?? 1),
  );
  const layout = architecture === 'llama' ? 'pairs' : 'halves';
  const turn = (x: plain.Matrix) => plain.rotate(x, headSize, layout, frequencies);
  let x: plain.Matrix = ids.map((id) => [...embedding.subarray(id * hidden, (id + 1) * hidden)]);
  for (let layer = 0; layer < layers; layer++) {
    const name = (part: string) => `blk.${layer}.${part}`;
    const project = (y: plain.Matrix, part: string) =>
      plain.linear(y, weight(name(`${part}.weight`)), find(name(`${part}.bias`)));
    const y = plain.rmsNormalize(x, weight(name('attn_norm.weight')), epsilon);
    const shape = { heads, keyHeads, headSize, causal: true };
    const attended = plain.attend(turn(project(y, 'attn_q')), turn(project(y, 'attn_k')), project(y, 'attn_v'), shape);
    x = plain.add(x, project(attended, 'attn_output'));
    const z = plain.rmsNormalize(x, weight(name('ffn_norm.weight')), epsilon);
    const up = project(z, 'ffn_up');
    const gated = project(z, 'ffn_gate').map((row, n) => row.map((value, i) => plain.silu(value) * up[n]![i]!));
    x = plain.add(x, project(gated, 'ffn_down'));
  }
  const normalized = plain.rmsNormalize(x, weight('output_norm.weight'), epsilon);
  return plain.linear(normalized, find('output.weight') ?? embedding);
}
