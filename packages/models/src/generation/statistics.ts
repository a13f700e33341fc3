/** How much was done, and how fast. Seconds count from the first dispatch on; compiling is not in them. */
export interface GenerationStatistics {
  readonly promptTokens: number;
  /** Prompt tokens that were run; the others were still in the cache. */
  readonly evaluatedTokens: number;
  /** Tokens generated, the one that ends the answer among them. */
  readonly tokens: number;
  /** Until the first token was there. */
  readonly prefillSeconds: number;
  /** From the first token to the last. */
  readonly decodeSeconds: number;
  readonly prefillTokensPerSecond: number;
  /** 0 while there is but one token. */
  readonly decodeTokensPerSecond: number;
}

/** Keeps the times of one generation. */
export class Stopwatch {
  #started = 0;
  #first = 0;
  #last = 0;
  #tokens = 0;

  constructor(
    readonly promptTokens: number,
    readonly evaluatedTokens: number,
  ) {}

  start(): void {
    this.#started = performance.now();
  }

  token(): void {
    this.#last = performance.now();
    if (this.#tokens++ === 0) this.#first = this.#last;
  }

  get statistics(): GenerationStatistics {
    const prefillSeconds = (this.#first - this.#started) / 1000;
    const decodeSeconds = (this.#last - this.#first) / 1000;
    return {
      promptTokens: this.promptTokens,
      evaluatedTokens: this.evaluatedTokens,
      tokens: this.#tokens,
      prefillSeconds,
      decodeSeconds,
      prefillTokensPerSecond: prefillSeconds > 0 ? this.evaluatedTokens / prefillSeconds : 0,
      decodeTokensPerSecond: decodeSeconds > 0 ? (this.#tokens - 1) / decodeSeconds : 0,
    };
  }
}
