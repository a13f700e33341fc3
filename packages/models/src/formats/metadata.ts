import { badFile, quote } from './bad-file.js';

/** The key-value pairs of a GGUF, without the long arrays of its tokenizer. Plain data. */
export type MetadataValue = string | number | bigint | boolean | readonly MetadataValue[];

/** Reads hyperparameters and says which one is wrong. */
export class Metadata {
  constructor(
    readonly path: string,
    readonly values: Readonly<Record<string, MetadataValue | undefined>>,
  ) {}

  text(key: string): string;
  text(key: string, fallback: string): string;
  text(key: string, fallback?: string): string {
    const value = this.#value(key) ?? fallback;
    if (typeof value !== 'string') throw this.#wrong(key, value, 'is a string');
    return value;
  }

  /** A whole number from `minimum` to `maximum`. */
  integer(key: string, minimum: number, maximum: number, fallback?: number): number {
    const value = this.#value(key) ?? fallback;
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < minimum || number > maximum) {
      throw this.#wrong(key, value, `is a whole number from ${minimum} to ${maximum}`);
    }
    return number;
  }

  /** A finite number above 0. */
  positive(key: string, fallback?: number): number {
    const value = this.#value(key) ?? fallback;
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
      throw this.#wrong(key, value, 'is a finite number above 0');
    }
    return value;
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.#value(key) ?? fallback;
    if (typeof value !== 'boolean') throw this.#wrong(key, value, 'is a boolean');
    return value;
  }

  has(key: string): boolean {
    return this.#value(key) !== undefined;
  }

  #value(key: string): MetadataValue | undefined {
    return Object.hasOwn(this.values, key) ? this.values[key] : undefined;
  }

  #wrong(key: string, value: unknown, expected: string): Error {
    const found = Array.isArray(value) ? `an array of ${value.length}` : value === undefined ? 'missing' : quote(value);
    return badFile({ path: this.path, field: key, found, expected });
  }
}
