import { HalyardError } from '@halyard/core';
import type { MetadataValue } from '../formats/metadata.js';
import { endsOfGeneration, type TokenizerDefinition, type TokenText } from './definition.js';
import { type GgufVocabulary, readGgufVocabulary, tokenTypes } from './gguf-vocabulary.js';
import { preTokenizers } from './pre-tokenizers.js';
import { byteLevelBytes, literalBytes, sentencePieceBytes, wordPieceBytes } from './token-bytes.js';

/**
 * Builds a tokenizer from what a GGUF says of it: byte-level BPE (`gpt2`), SentencePiece BPE (`llama`) or WordPiece
 * (`bert`).
 *
 * @throws HalyardError `bad-file`, or `unsupported` for another kind of vocabulary or pre-tokenizer
 */
export function tokenizerFromGguf(path: string, values: Readonly<Record<string, MetadataValue>>): TokenizerDefinition {
  const vocabulary = readGgufVocabulary(path, values);
  const kind = vocabulary.metadata.text('tokenizer.ggml.model');
  switch (kind) {
    case 'gpt2':
      return byteLevel(vocabulary);
    case 'llama':
      return sentencePiece(vocabulary);
    case 'bert':
      return wordPiece(vocabulary);
    default:
      throw new HalyardError('unsupported', {
        found: `${path}: tokenizer.ggml.model is ${JSON.stringify(kind)}`,
        expected: 'gpt2, llama or bert',
        remedy: 'Choose a model with one of these tokenizers',
      });
  }
}

function byteLevel(vocabulary: GgufVocabulary): TokenizerDefinition {
  const name = vocabulary.metadata.text('tokenizer.ggml.pre', 'default');
  const preTokenizer = Object.hasOwn(preTokenizers, name) ? preTokenizers[name] : undefined;
  if (preTokenizer === undefined) {
    throw new HalyardError('unsupported', {
      found: `${vocabulary.path}: tokenizer.ggml.pre is ${JSON.stringify(name)}`,
      expected: `one of ${Object.keys(preTokenizers).join(', ')}`,
      remedy: 'Choose a model with one of these pre-tokenizers',
    });
  }
  const split = preTokenizer.patterns.map((pattern) => ({
    type: 'Split',
    pattern: { Regex: pattern },
    behavior: 'Isolated',
    invert: false,
  }));
  return define(vocabulary, {
    normalizer: null,
    preTokenizer: {
      type: 'Sequence',
      pretokenizers: [...split, { type: 'ByteLevel', add_prefix_space: false, use_regex: false }],
    },
    model: {
      type: 'BPE',
      vocab: idsByText(vocabulary.tokens),
      merges: vocabulary.merges,
      ignore_merges: preTokenizer.ignoreMerges,
    },
    bytes: byteLevelBytes,
    addBeginning: preTokenizer.addBeginning,
    addEnd: false,
  });
}

function sentencePiece(vocabulary: GgufVocabulary): TokenizerDefinition {
  const addSpace = vocabulary.metadata.boolean('tokenizer.ggml.add_space_prefix', true);
  const space = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
  return define(vocabulary, {
    normalizer: {
      type: 'Sequence',
      normalizers: addSpace ? [{ type: 'Prepend', prepend: '▁' }, space] : [space],
    },
    preTokenizer: null,
    model: {
      type: 'BPE',
      vocab: idsByText(vocabulary.tokens),
      merges: mergesByScore(vocabulary),
      byte_fallback: true,
      unk_token: vocabulary.tokens[vocabulary.id('unknown') ?? 0],
    },
    bytes: sentencePieceBytes,
    addBeginning: true,
    addEnd: false,
  });
}

/** SentencePiece joins the two neighbours that make the token of the greatest score: a list of pairs in that order. */
function mergesByScore({ tokens, scores }: GgufVocabulary): [string, string][] {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges: { pair: [string, string]; score: number; left: number; right: number }[] = [];
  tokens.forEach((token, id) => {
    const characters = [...token];
    for (let cut = 1; cut < characters.length; cut++) {
      const pair: [string, string] = [characters.slice(0, cut).join(''), characters.slice(cut).join('')];
      const left = ids.get(pair[0]) ?? (cut === 1 ? -1 : undefined);
      const right = ids.get(pair[1]) ?? (cut === characters.length - 1 ? -1 : undefined);
      if (left !== undefined && right !== undefined) merges.push({ pair, score: scores[id]!, left, right });
    }
  });
  merges.sort((a, b) => b.score - a.score || a.left - b.left || a.right - b.right);
  return merges.map(({ pair }) => pair);
}

function wordPiece(vocabulary: GgufVocabulary): TokenizerDefinition {
  // A GGUF marks the words' beginnings, a tokenizer.json their continuations.
  const tokens = vocabulary.tokens.map((token, id) => {
    if (token.startsWith('▁')) return token.slice(1);
    return vocabulary.types[id] === tokenTypes.normal && !/^\[.*\]$/.test(token) ? `##${token}` : token;
  });
  return define(
    { ...vocabulary, tokens },
    {
      normalizer: {
        type: 'BertNormalizer',
        clean_text: true,
        handle_chinese_chars: true,
        strip_accents: null,
        lowercase: true,
      },
      preTokenizer: { type: 'BertPreTokenizer' },
      model: {
        type: 'WordPiece',
        vocab: idsByText(tokens),
        unk_token: tokens[vocabulary.id('unknown') ?? tokens.indexOf('[UNK]')] ?? '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
      },
      bytes: wordPieceBytes,
      addBeginning: true,
      addEnd: true,
    },
  );
}

interface Parts {
  readonly normalizer: object | null;
  readonly preTokenizer: object | null;
  readonly model: object;
  readonly bytes: (text: string) => Uint8Array;
  /** What the family does where the file does not say. */
  readonly addBeginning: boolean;
  readonly addEnd: boolean;
}

function define(vocabulary: GgufVocabulary, parts: Parts): TokenizerDefinition {
  const { metadata, tokens, types } = vocabulary;
  const isAdded = (id: number) => types[id] === tokenTypes.control || types[id] === tokenTypes.userDefined;
  const added = [...tokens.entries()].filter(([id]) => isAdded(id));
  const beginning = vocabulary.id('bos') ?? vocabulary.id('cls');
  const end = vocabulary.id('eos');
  const closing = end ?? vocabulary.id('seperator') ?? vocabulary.id('separator');
  const addBeginning = metadata.boolean('tokenizer.ggml.add_bos_token', parts.addBeginning);
  const addEnd = metadata.boolean('tokenizer.ggml.add_eos_token', parts.addEnd);
  const controls = added.filter(([id]) => types[id] === tokenTypes.control);
  const text = (id: number | undefined) => (id === undefined ? undefined : tokens[id]);
  return {
    definition: {
      added_tokens: added.map(([id, content]) => ({
        id,
        content,
        special: types[id] === tokenTypes.control,
        normalized: false,
        single_word: false,
        lstrip: false,
        rstrip: false,
      })),
      normalizer: parts.normalizer,
      pre_tokenizer: parts.preTokenizer,
      model: parts.model,
      post_processor: null,
      decoder: null,
    },
    config: { bos_token: text(beginning), eos_token: text(end), pad_token: text(vocabulary.id('padding')) },
    around: {
      before: addBeginning && beginning !== undefined ? [beginning] : [],
      after: addEnd && closing !== undefined ? [closing] : [],
    },
    tokens: tokens.map(
      (token, id): TokenText => ({
        bytes: isAdded(id) ? literalBytes(token) : parts.bytes(token),
        control: types[id] === tokenTypes.control || types[id] === tokenTypes.unknown,
      }),
    ),
    special: {
      beginning,
      end,
      padding: vocabulary.id('padding'),
      endsOfGeneration: endsOfGeneration([end, vocabulary.id('eot'), vocabulary.id('eom')], controls),
    },
    chatTemplate: metadata.has('tokenizer.chat_template') ? metadata.text('tokenizer.chat_template') : undefined,
  };
}

/** Own properties throughout, whatever the tokens are called. */
function idsByText(tokens: readonly string[]): Record<string, number> {
  return Object.fromEntries(tokens.map((token, id) => [token, id]));
}
