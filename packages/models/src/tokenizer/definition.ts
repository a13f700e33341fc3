/** A tokenizer as `@huggingface/tokenizers` takes it, with what Halyard adds. Lives in the worker. */
export interface TokenizerDefinition {
  /** In the form of a `tokenizer.json`. */
  readonly definition: object;
  /** In the form of a `tokenizer_config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Put around a text when special tokens are asked for; `undefined`: the definition's own post-processor does it. */
  readonly around: { readonly before: readonly number[]; readonly after: readonly number[] } | undefined;
  readonly tokens: readonly TokenText[];
  readonly special: SpecialTokens;
  readonly chatTemplate: string | undefined;
}

/** What a token stands for in a text. */
export interface TokenText {
  readonly bytes: Uint8Array;
  /** Steers the model and is not part of an answer. */
  readonly control: boolean;
}

/** Plain data. */
export interface SpecialTokens {
  readonly beginning: number | undefined;
  readonly end: number | undefined;
  readonly padding: number | undefined;
  /** Every token that ends an answer, `end` among them. */
  readonly endsOfGeneration: readonly number[];
}

/** Texts of the tokens that end a turn in the families' vocabularies. Source: llama.cpp, `llama-vocab.cpp`. */
const endOfGenerationTexts = new Set([
  '<|eot_id|>',
  '<|im_end|>',
  '<|end|>',
  '<end_of_turn>',
  '<|endoftext|>',
  '<|end_of_text|>',
  '<|eom_id|>',
  '<EOT>',
  '</s>',
]);

/** @param texts of control tokens, by id */
export function endsOfGeneration(stated: readonly (number | undefined)[], texts: Iterable<[number, string]>): number[] {
  const ends = new Set(stated.filter((id): id is number => id !== undefined));
  for (const [id, text] of texts) if (endOfGenerationTexts.has(text)) ends.add(id);
  return [...ends].sort((a, b) => a - b);
}
