import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as plain from './plain-math.js';
import { randomNumbers } from './random.js';
import { type SafetensorToWrite, writeSafetensors } from './safetensors-writer.js';

const layers = 2;
const heads = 4;
const hidden = 32;
const feedForward = 48;
const positions = 40;
const epsilon = 1e-12;
const words = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'sail', '##s', 'rope', 'the', 'a', 'hoist', '##ing', ',', '.'];

/** A small random BERT in a folder, with the same computed in plain loops. */
export interface TinyEncoder {
  readonly path: string;
  /** The normalized mean over the tokens. */
  embed(tokens: readonly number[]): number[];
}

export interface TinyEncoderOptions {
  /** Of the tensors' names, as some files have it. */
  readonly prefix?: string;
  /** Changes what `config.json` states. */
  readonly config?: Readonly<Record<string, unknown>>;
}

export async function writeTinyEncoder(path: string, options: TinyEncoderOptions = {}): Promise<TinyEncoder> {
  const { prefix = '' } = options;
  const random = randomNumbers(3);
  const tensors: SafetensorToWrite[] = [];
  const values = new Map<string, Float32Array>();
  const make = (name: string, shape: number[], size: number, offset = 0) => {
    const numbers = Float32Array.from(
      { length: shape.reduce((a, b) => a * b) },
      () => (random() * 2 - 1) * size + offset,
    );
    tensors.push({ name: prefix + name, dtype: 'F32', shape, data: new Uint8Array(numbers.buffer) });
    values.set(name, numbers);
  };
  const dense = (name: string, rows: number, columns: number) => {
    make(`${name}.weight`, [rows, columns], 0.4);
    make(`${name}.bias`, [rows], 0.3);
  };
  const normalization = (name: string) => {
    make(`${name}.LayerNorm.weight`, [hidden], 0.3, 1);
    make(`${name}.LayerNorm.bias`, [hidden], 0.3);
  };
  make('embeddings.word_embeddings.weight', [words.length, hidden], 1);
  make('embeddings.position_embeddings.weight', [positions, hidden], 0.5);
  make('embeddings.token_type_embeddings.weight', [2, hidden], 0.5);
  normalization('embeddings');
  for (let layer = 0; layer < layers; layer++) {
    const name = `encoder.layer.${layer}`;
    for (const part of ['query', 'key', 'value']) dense(`${name}.attention.self.${part}`, hidden, hidden);
    dense(`${name}.attention.output.dense`, hidden, hidden);
    normalization(`${name}.attention.output`);
    dense(`${name}.intermediate.dense`, feedForward, hidden);
    dense(`${name}.output.dense`, hidden, feedForward);
    normalization(`${name}.output`);
  }
  await mkdir(path, { recursive: true });
  await writeSafetensors(join(path, 'model.safetensors'), tensors);
  await writeFile(join(path, 'config.json'), JSON.stringify({ ...config, ...options.config }));
  await writeFile(join(path, 'tokenizer.json'), JSON.stringify(tokenizer));
  return { path, embed: (tokens) => embed(tokens, (name) => values.get(name)!) };
}

const config = {
  model_type: 'bert',
  hidden_act: 'gelu',
  hidden_size: hidden,
  intermediate_size: feedForward,
  max_position_embeddings: positions,
  num_attention_heads: heads,
  num_hidden_layers: layers,
  layer_norm_eps: epsilon,
  type_vocab_size: 2,
  vocab_size: words.length,
};

const special = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
const tokenizer = {
  added_tokens: [0, 1, 2, 3].map((id) => ({ id, content: words[id], special: true, normalized: false })),
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [special('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, special('[SEP]')],
    pair: [],
    special_tokens: {
      '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
      '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
    },
  },
  decoder: { type: 'WordPiece', prefix: '##' },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(words.map((word, id) => [word, id])),
  },
};

function embed(tokens: readonly number[], weight: (name: string) => Float32Array): number[] {
  const row = (name: string, index: number) =>
    weight(`embeddings.${name}_embeddings.weight`).subarray(index * hidden, (index + 1) * hidden);
  const normalize = (x: plain.Matrix, name: string) =>
    plain.layerNormalize(x, weight(`${name}.LayerNorm.weight`), weight(`${name}.LayerNorm.bias`), epsilon);
  const dense = (x: plain.Matrix, name: string) => plain.linear(x, weight(`${name}.weight`), weight(`${name}.bias`));
  let x: plain.Matrix = tokens.map((token, n) =>
    Array.from(row('word', token), (value, i) => value + row('position', n)[i]! + row('token_type', 0)[i]!),
  );
  x = normalize(x, 'embeddings');
  for (let layer = 0; layer < layers; layer++) {
    const name = `encoder.layer.${layer}`;
    const [query, key, value] = ['query', 'key', 'value'].map((part) => dense(x, `${name}.attention.self.${part}`));
    const shape = { heads, keyHeads: heads, headSize: hidden / heads, causal: false };
    const attended = dense(plain.attend(query!, key!, value!, shape), `${name}.attention.output.dense`);
    const y = normalize(plain.add(attended, x), `${name}.attention.output`);
    const expanded = dense(y, `${name}.intermediate.dense`).map((values) => values.map(plain.gelu));
    x = normalize(plain.add(dense(expanded, `${name}.output.dense`), y), `${name}.output`);
  }
  const mean = Array.from({ length: hidden }, (_, i) => x.reduce((sum, values) => sum + values[i]!, 0) / x.length);
  const norm = Math.hypot(...mean);
  return mean.map((value) => value / norm);
}
