import type { ChatMessage } from '../tokenizer/chat-template.js';
import type { GeneratedToken } from './generate.js';
import type { GenerateOptions, LanguageModel } from './language-model.js';

/** A conversation: what was said is put before each new message, and what the cache holds of it is not run again. */
export class ChatSession {
  readonly #model: LanguageModel;
  readonly #messages: ChatMessage[] = [];

  /** @internal */
  constructor(model: LanguageModel, system: string | undefined) {
    this.#model = model;
    if (system !== undefined) this.#messages.push({ role: 'system', content: system });
  }

  get messages(): readonly ChatMessage[] {
    return [...this.#messages];
  }

  /** Says something and gives the answer, token by token. What there is of an answer that was broken off counts. */
  async *send(
    message: string,
    options: Omit<GenerateOptions, 'raw'> = {},
  ): AsyncGenerator<GeneratedToken, void, undefined> {
    const messages: ChatMessage[] = [...this.#messages, { role: 'user', content: message }];
    let answer = '';
    let hasBegun = false;
    try {
      for await (const piece of this.#model.generate(messages, options)) {
        hasBegun = true;
        answer += piece.text;
        yield piece;
      }
    } finally {
      if (hasBegun) this.#messages.push(messages.at(-1)!, { role: 'assistant', content: answer });
    }
  }
}
