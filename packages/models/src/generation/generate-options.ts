import type { SamplingOptions } from './sampling.js';

/** How an answer is generated. */
export interface GenerateOptions extends SamplingOptions {
  /** Default: as many as there is room for. */
  readonly maxTokens?: number;
  /** The answer ends before the first of these. */
  readonly stop?: string | readonly string[];
  /** A text is continued as it is, without the chat template. */
  readonly raw?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Runs that are submitted before the token of the one before them was read. Default 1. */
  readonly runsAhead?: number;
  /**
   * Whether what the cache still holds of the prompt's beginning is taken from there. Default: for conversations, which
   * grow at their end.
   */
  readonly reuseCache?: boolean;
}
