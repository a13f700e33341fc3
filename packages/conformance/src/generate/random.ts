import { reference } from '@halyard/core';

/** Reproducible random choices: Philox4x32-10 under a seed. */
export class Random {
  readonly #seed: number;
  #block = 0;
  #words: readonly number[] = [];

  constructor(seed: number) {
    this.#seed = seed >>> 0;
  }

  /** A whole number of 32 bits. */
  word(): number {
    if (this.#words.length === 0) {
      this.#words = reference.philox4x32([this.#block++ >>> 0, 0, 0, 0], [this.#seed, 0x68616c79]);
    }
    const [first, ...rest] = this.#words;
    this.#words = rest;
    return first!;
  }

  /** In [0, 1). */
  unit(): number {
    return this.word() / 2 ** 32;
  }

  /** From least to greatest, both included. */
  integer(least: number, greatest: number): number {
    return least + Math.floor(this.unit() * (greatest - least + 1));
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new RangeError('Nothing to pick from.');
    return items[this.integer(0, items.length - 1)]!;
  }

  shuffle<Item>(items: readonly Item[]): Item[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.integer(0, i);
      [result[i], result[j]] = [result[j]!, result[i]!];
    }
    return result;
  }
}
