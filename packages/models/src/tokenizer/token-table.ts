import type { TokenText } from './definition.js';

/** The bytes of every token, in one piece. Plain data that moves between threads without a copy. */
export interface TokenTable {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Token i is `bytes[offsets[i] … offsets[i + 1]]`. */
  readonly offsets: Uint32Array<ArrayBuffer>;
  /** 1 for tokens that steer the model and are not part of an answer. */
  readonly control: Uint8Array<ArrayBuffer>;
}

export function tokenTable(tokens: readonly TokenText[]): TokenTable {
  const offsets = new Uint32Array(tokens.length + 1);
  tokens.forEach(({ bytes }, id) => {
    offsets[id + 1] = offsets[id]! + bytes.length;
  });
  const bytes = new Uint8Array(offsets[tokens.length]!);
  tokens.forEach((token, id) => {
    bytes.set(token.bytes, offsets[id]);
  });
  return { bytes, offsets, control: Uint8Array.from(tokens, ({ control }) => Number(control)) };
}
