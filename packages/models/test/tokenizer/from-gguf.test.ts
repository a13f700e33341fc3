import { HalyardError } from '@halyard/core';
import { describe, expect, test } from 'vitest';
import type { MetadataValue } from '../../src/formats/metadata.js';
import { tokenizerFromGguf } from '../../src/tokenizer/from-gguf.js';
import { TextTokenizer } from '../../src/tokenizer/text-tokenizer.js';

const key = (name: string) => `tokenizer.ggml.${name}`;

function tokenize(values: Record<string, MetadataValue>, text: string, addSpecial = false): string[] {
  const tokens = values[key('tokens')] as string[];
  return [...new TextTokenizer(tokenizerFromGguf('test.gguf', values)).encode(text, addSpecial)].map(
    (id) => tokens[id]!,
  );
}

describe('byte-level BPE', () => {
  const letters = ['a', 'b', 'c', '1', '2', '3', '4', 'Ġ', 'Ċ'];
  const tokens = [...letters, 'ab', 'abc', '12', '123', '<|x|>', 'ĠĠ'];
  const vocabulary = (pre: string): Record<string, MetadataValue> => ({
    [key('model')]: 'gpt2',
    [key('pre')]: pre,
    [key('tokens')]: tokens,
    [key('token_type')]: tokens.map((token) => (token === '<|x|>' ? 3 : 1)),
    [key('merges')]: ['a b', '1 2', '12 3', 'Ġ Ġ', 'ab c'],
    [key('bos_token_id')]: 13,
  });

  test.each([
    ['gpt-2', ['123', '4']],
    ['smollm', ['1', '2', '3', '4']],
    ['qwen2', ['1', '2', '3', '4']],
    ['llama-bpe', ['123', '4']],
    ['default', ['123', '4']],
  ])('%s cuts numbers in its own way', (pre, expected) => {
    expect(tokenize(vocabulary(pre), '1234')).toEqual(expected);
  });

  test('merges in the order of the file, special tokens stay whole', () => {
    expect(tokenize(vocabulary('smollm'), 'abc<|x|>ab  c\n')).toEqual(['abc', '<|x|>', 'ab', 'Ġ', 'Ġ', 'c', 'Ċ']);
  });

  test('the beginning is marked where the family, or the file, says so', () => {
    expect(tokenize(vocabulary('llama-bpe'), 'a', true)).toEqual(['<|x|>', 'a']);
    expect(tokenize(vocabulary('llama-bpe'), 'a', false)).toEqual(['a']);
    expect(tokenize(vocabulary('smollm'), 'a', true)).toEqual(['a']);
    expect(tokenize({ ...vocabulary('smollm'), [key('add_bos_token')]: true }, 'a', true)).toEqual(['<|x|>', 'a']);
  });
});

describe('SentencePiece BPE', () => {
  const tokens = ['<unk>', '<s>', '</s>', '<0xC3>', '<0xA4>', '▁', 'a', 'b', '▁a', 'ab', '▁ab'];
  const vocabulary: Record<string, MetadataValue> = {
    [key('model')]: 'llama',
    [key('tokens')]: tokens,
    [key('token_type')]: [2, 3, 3, 6, 6, 1, 1, 1, 1, 1, 1],
    [key('scores')]: [0, 0, 0, 0, 0, -6, -7, -8, -3, -2, -1],
    [key('bos_token_id')]: 1,
    [key('eos_token_id')]: 2,
    [key('unknown_token_id')]: 0,
  };

  test('joins by score, and puts a space before the text', () => {
    expect(tokenize(vocabulary, 'ab a b')).toEqual(['▁ab', '▁a', '▁', 'b']);
    expect(tokenize({ ...vocabulary, [key('add_space_prefix')]: false }, 'ab')).toEqual(['ab']);
  });

  test('writes what it has no token for as bytes', () => {
    expect(tokenize(vocabulary, 'ä', true)).toEqual(['<s>', '▁', '<0xC3>', '<0xA4>']);
  });
});

describe('WordPiece', () => {
  const tokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '▁sail', 's', '▁the', '▁.'];
  const vocabulary: Record<string, MetadataValue> = {
    [key('model')]: 'bert',
    [key('tokens')]: tokens,
    [key('token_type')]: [3, 3, 3, 3, 1, 1, 1, 1],
    [key('cls_token_id')]: 2,
    [key('seperator_token_id')]: 3,
    [key('unknown_token_id')]: 1,
  };

  test('takes the longest pieces of words, without case and accents', () => {
    expect(tokenize(vocabulary, 'Thé Sails.', true)).toEqual(['[CLS]', '▁the', '▁sail', 's', '▁.', '[SEP]']);
    expect(tokenize(vocabulary, 'xyz')).toEqual(['[UNK]']);
  });
});

describe('what is wrong with a vocabulary is a typed error', () => {
  const good = { [key('model')]: 'gpt2', [key('tokens')]: ['a', 'b'] };
  test.each<[string, Record<string, MetadataValue>, string]>([
    ['no model', { [key('tokens')]: ['a'] }, 'bad-file'],
    ['another model', { ...good, [key('model')]: 't5' }, 'unsupported'],
    ['another pre-tokenizer', { ...good, [key('pre')]: 'klingon' }, 'unsupported'],
    ['no tokens', { [key('model')]: 'gpt2' }, 'bad-file'],
    ['tokens that are none', { ...good, [key('tokens')]: [1, 2] }, 'bad-file'],
    ['an empty list', { ...good, [key('tokens')]: [] }, 'bad-file'],
    ['too few types', { ...good, [key('token_type')]: [1] }, 'bad-file'],
    ['an id beyond the list', { ...good, [key('eos_token_id')]: 2 }, 'bad-file'],
    ['a template that is no text', { ...good, 'tokenizer.chat_template': 7 }, 'bad-file'],
  ])('%s', (_, values, code) => {
    expect(() => tokenizerFromGguf('test.gguf', values)).toThrow(HalyardError);
    expect(() => tokenizerFromGguf('test.gguf', values)).toThrow(expect.objectContaining({ code }));
  });
});
