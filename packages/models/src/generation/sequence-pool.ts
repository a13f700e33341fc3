import type { MLContext } from '@halyard/core';
import type { DecoderScope } from '../architectures/decoder.js';
import { Sequence } from './sequence.js';

/** Sequences that are not in use are kept for the next text: one, so that a conversation goes on where it was. */
const idleSequences = 1;

/** Lends sequences, each to one text at a time. */
export class SequencePool {
  readonly #context: MLContext;
  readonly #scope: DecoderScope;
  readonly #idle: Sequence[] = [];
  #isClosed = false;

  constructor(context: MLContext, scope: DecoderScope) {
    this.#context = context;
    this.#scope = scope;
  }

  async acquire(): Promise<Sequence> {
    return this.#idle.pop() ?? Sequence.create(this.#context, this.#scope);
  }

  release(sequence: Sequence): void {
    if (this.#isClosed || this.#idle.length >= idleSequences) sequence.destroy();
    else this.#idle.push(sequence);
  }

  destroy(): void {
    this.#isClosed = true;
    for (const sequence of this.#idle.splice(0)) sequence.destroy();
  }
}
