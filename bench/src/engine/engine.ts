/** What is asked of every engine, ours and the peers', in the same words. */
export interface Engine {
  tokenize(text: string): Promise<number[]>;
  /** From an empty cache until the token that follows is known. */
  prefill(tokens: readonly number[]): Promise<Prefilled>;
  /** Greedy; the prompt is evaluated first and not timed. Ends early before an end-of-text token. */
  decode(tokens: readonly number[], count: number): Promise<Decoded>;
  close(): Promise<void>;
}

export interface Prefilled {
  readonly seconds: number;
  readonly token: number;
}

export interface Decoded {
  readonly seconds: number;
  readonly tokens: readonly number[];
}

export interface EngineOptions {
  /** Path of a GGUF file. */
  readonly model: string;
  readonly threads: number;
  readonly contextLength: number;
  /** Of Halyard: which backend; the CPU's unless said. */
  readonly device?: string;
}

export const engineNames = ['halyard', 'node-llama-cpp', 'ik_llama.cpp'] as const;
export type EngineName = (typeof engineNames)[number];

/** An engine that also tells the scores of the whole vocabulary. */
export interface ScoringEngine extends Engine {
  /** For each position from `from` to the last, the logits of the token that follows it. */
  logits(tokens: readonly number[], from: number): Promise<Float32Array[]>;
}
