import type { ErrorCode, ErrorDetails } from '@halyard/core';
import type { MetadataValue } from '../formats/metadata.js';
import type { WeightTensor } from '../formats/weights.js';
import type { ChatMessage } from '../tokenizer/chat-template.js';
import type { SpecialTokens } from '../tokenizer/definition.js';
import type { TokenTable } from '../tokenizer/token-table.js';

/** What the worker does for the main thread: everything about a model file that takes longer than a moment. */
export interface WorkerMethods {
  /** Reads a GGUF file, or a folder of safetensors files, and makes its tokenizer. */
  open(path: string): OpenedModel;
  /** Builds the tokenizer, which takes about as long as reading the file: to be asked for beside other work. */
  prepareTokenizer(): void;
  encode(text: string, addSpecial: boolean): Int32Array<ArrayBuffer>;
  encodeAll(texts: readonly string[], addSpecial: boolean): readonly Int32Array<ArrayBuffer>[];
  renderChat(messages: readonly ChatMessage[], addGenerationPrompt: boolean): string;
  rotaryTables(request: RotaryRequest): RotaryTables;
}

/** A model's description, all plain data. */
export interface OpenedModel {
  readonly path: string;
  readonly identity: string;
  readonly format: 'gguf' | 'safetensors';
  /** GGUF's key-value pairs without the tokenizer's arrays, or what `config.json` states. */
  readonly metadata: Readonly<Record<string, MetadataValue>>;
  readonly tensors: readonly WeightTensor[];
  readonly tokens: TokenTable;
  readonly special: SpecialTokens;
  readonly hasChatTemplate: boolean;
  /** Of a sentence encoder: the most tokens of one text, where the folder states it. */
  readonly maximumTokens: number | undefined;
}

export interface RotaryRequest {
  readonly positions: number;
  /** Rotated dimensions of a head. */
  readonly dimensions: number;
  readonly base: number;
  /** Divides the positions. */
  readonly linearFactor: number;
  /** A float32 tensor of dimensions/2 factors that divide the frequencies (Llama 3), if the file has one. */
  readonly factors: { readonly path: string; readonly offset: number } | undefined;
}

/** float32 [positions, dimensions / 2] each. */
export interface RotaryTables {
  readonly cosine: Float32Array<ArrayBuffer>;
  readonly sine: Float32Array<ArrayBuffer>;
}

export interface Request {
  readonly id: number;
  readonly model: number;
  /** `release`: nothing more is asked for this model. */
  readonly method: keyof WorkerMethods | 'release';
  readonly arguments: readonly unknown[];
}

export type Response =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failure: Failure };

/** An error as it crosses the thread. */
export type Failure =
  | { readonly code: ErrorCode; readonly details: ErrorDetails }
  | { readonly message: string; readonly stack: string | undefined };
