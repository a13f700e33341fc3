const encoder = new TextEncoder();

/**
 * The bytes behind the printable characters of a byte-level vocabulary: a printable byte stands for itself, the others
 * in order for U+0100 and on. Source: GPT-2, `encoder.py`, `bytes_to_unicode`.
 */
const byteOfCharacter = new Map<string, number>();
let next = 0x100;
for (let byte = 0; byte < 256; byte++) {
  const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  byteOfCharacter.set(String.fromCodePoint(printable ? byte : next++), byte);
}

/** The bytes of a token as a byte-level vocabulary writes it; a text outside of its alphabet is taken literally. */
export function byteLevelBytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const byte = byteOfCharacter.get(character);
    if (byte === undefined) return literalBytes(text);
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** The bytes of a SentencePiece token: `▁` is a space, `<0x0A>` a byte. */
export function sentencePieceBytes(text: string): Uint8Array {
  const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(text)?.[1];
  return byte === undefined ? literalBytes(text.replaceAll('▁', ' ')) : Uint8Array.of(Number.parseInt(byte, 16));
}

/** The bytes of a WordPiece token: one that continues a word begins with `##`. */
export function wordPieceBytes(text: string): Uint8Array {
  return literalBytes(text.startsWith('##') ? text.slice(2) : ` ${text}`);
}

export function literalBytes(text: string): Uint8Array {
  return encoder.encode(text);
}
