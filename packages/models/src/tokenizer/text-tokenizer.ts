import { Tokenizer } from '@huggingface/tokenizers';
import type { TokenizerDefinition } from './definition.js';

/** Text to token ids. Its construction takes some hundred milliseconds for a large vocabulary: it lives in the worker. */
export class TextTokenizer {
  readonly #tokenizer: Tokenizer;
  readonly #around: TokenizerDefinition['around'];

  constructor(source: TokenizerDefinition) {
    this.#tokenizer = new Tokenizer(source.definition, source.config);
    this.#around = source.around;
  }

  /** @param addSpecial whether the tokens that begin and end a sequence are put around it */
  encode(text: string, addSpecial: boolean): Int32Array<ArrayBuffer> {
    const { ids } = this.#tokenizer.encode(text, { add_special_tokens: addSpecial });
    if (!addSpecial || this.#around === undefined) return Int32Array.from(ids);
    return Int32Array.from([...this.#around.before, ...ids, ...this.#around.after]);
  }
}
