import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TokenTextDecoder } from '../../src/tokenizer/text-decoder.js';
import { byteLevelBytes, sentencePieceBytes } from '../../src/tokenizer/token-bytes.js';
import { tokenTable } from '../../src/tokenizer/token-table.js';

/** One token for each byte, then a control token. */
const table = tokenTable([
  ...Array.from({ length: 256 }, (_, byte) => ({ bytes: Uint8Array.of(byte), control: false })),
  { bytes: new TextEncoder().encode('<|end|>'), control: true },
]);

describe('text from tokens', () => {
  test('comes in whole characters, and in the end is all there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const decoder = new TokenTextDecoder(table);
        const pieces = [...new TextEncoder().encode(text)].map((byte) => decoder.push(byte));
        for (const piece of pieces) expect([0, 1]).toContain([...piece].length);
        expect(pieces.join('') + decoder.end()).toBe(text);
      }),
    );
  });

  test('marks a character that never became complete', () => {
    const decoder = new TokenTextDecoder(table);
    expect([0xf0, 0x9f, 0x99].map((byte) => decoder.push(byte))).toEqual(['', '', '']);
    expect(decoder.end()).toBe('\ufffd');
  });

  test('leaves control tokens out unless they are asked for', () => {
    expect(new TokenTextDecoder(table).push(256)).toBe('');
    expect(new TokenTextDecoder(table, { special: true }).push(256)).toBe('<|end|>');
  });

  test('is refused for ids outside of the vocabulary', () => {
    for (const token of [-1, 257, 0.5]) {
      expect(() => new TokenTextDecoder(table).push(token)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
    }
  });
});

describe('bytes of tokens', () => {
  test('of a byte-level vocabulary are those behind its printable characters', () => {
    expect([...byteLevelBytes('ĠtheĊ')]).toEqual([0x20, 0x74, 0x68, 0x65, 0x0a]);
    expect([...byteLevelBytes('Ã¤')]).toEqual([0xc3, 0xa4]);
    expect([...byteLevelBytes('<漢>')]).toEqual([...Buffer.from('<漢>')]);
  });

  test('of SentencePiece are spaces for ▁, and single bytes', () => {
    expect([...sentencePieceBytes('▁a▁b')]).toEqual([...Buffer.from(' a b')]);
    expect([...sentencePieceBytes('<0xE4>')]).toEqual([0xe4]);
  });
});
