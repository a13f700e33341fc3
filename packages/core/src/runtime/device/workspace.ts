import type { Span, Token } from '../../contract/index.js';
import type { Pool } from '../pool/pool.js';

/**
 * Scratch memory that all executables of a device share, since they run in order. It grows to the largest need;
 * whoever is bound to an older one has to be bound anew.
 */
export class Workspace {
  readonly #pool: Pool;
  readonly #lastToken: () => readonly Token[];
  /** Changes whenever the memory does. */
  generation = 0;
  #span: Span | undefined;
  #users = 0;
  #growing: Promise<void> = Promise.resolve();

  constructor(pool: Pool, lastToken: () => readonly Token[]) {
    this.#pool = pool;
    this.#lastToken = lastToken;
  }

  get span(): Span {
    return this.#span!;
  }

  /** Counts a user in, whose need it is to be of at least so many bytes. */
  async enter(bytes: number): Promise<void> {
    this.#users++;
    const grown = this.#growing.then(() => this.#grow(bytes));
    this.#growing = grown.catch(() => {});
    try {
      await grown;
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  leave(): void {
    if (--this.#users > 0) return;
    this.#replace(undefined);
  }

  async #grow(bytes: number): Promise<void> {
    if (this.#span && this.#span.bytes >= bytes) return;
    const { span } = await this.#pool.allocate({ bytes, tag: 'workspace' });
    if (this.#users > 0) this.#replace(span);
    else this.#pool.free(span);
  }

  #replace(span: Span | undefined): void {
    if (this.#span) this.#pool.free(this.#span, this.#lastToken());
    this.#span = span;
    this.generation++;
  }
}
