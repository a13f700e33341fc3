/** Groups of asynchronous operations of a warp: when each is over, in the order in which they were committed. */
export class Groups {
  readonly #committed: number[] = [];
  #open = 0;

  add(time: number): void {
    this.#open = Math.max(this.#open, time);
  }

  commit(): void {
    this.#committed.push(Math.max(this.#open, this.#committed.at(-1) ?? 0));
    this.#open = 0;
    // What is long past is of no interest.
    if (this.#committed.length > 64) this.#committed.shift();
  }

  /** When all are over but the last `kept`. */
  overAt(kept: number): number {
    return this.#committed.at(-1 - kept) ?? 0;
  }

  /** When all are over, committed or not. */
  get allOverAt(): number {
    return Math.max(this.#open, this.overAt(0));
  }
}
