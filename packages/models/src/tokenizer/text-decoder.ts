import { HalyardError } from '@halyard/core';
import type { TokenTable } from './token-table.js';

/** Turns tokens into text one by one. Never gives half a character: bytes wait until their character is complete. */
export class TokenTextDecoder {
  readonly #table: TokenTable;
  readonly #special: boolean;
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

  /** @param options.special whether control tokens are written out, too */
  constructor(table: TokenTable, options: { readonly special?: boolean } = {}) {
    this.#table = table;
    this.#special = options.special ?? false;
  }

  /**
   * The text that this token completes; often empty in the middle of a character.
   *
   * @throws HalyardError `bad-argument` for an id outside of the vocabulary
   */
  push(token: number): string {
    const { bytes, offsets, control } = this.#table;
    if (!Number.isInteger(token) || token < 0 || token >= control.length) {
      throw new HalyardError('bad-argument', {
        found: `The token id ${token}`,
        expected: `a whole number from 0 to ${control.length - 1}`,
        remedy: 'Pass token ids of this model',
      });
    }
    if (control[token] === 1 && !this.#special) return '';
    return this.#utf8.decode(bytes.subarray(offsets[token], offsets[token + 1]), { stream: true });
  }

  /** What is left of an unfinished character, as U+FFFD; call it once, at the end. */
  end(): string {
    return this.#utf8.decode();
  }
}
