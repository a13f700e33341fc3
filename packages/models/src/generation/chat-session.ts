import type { ChatMessage } from '../tokenizer/chat-template.js';
import type { GeneratedToken } from './generate.js';
import type { GenerateOptions } from './generate-options.js';

/** Answers a conversation, token by token. */
type Answer = (messages: readonly ChatMessage[], options: GenerateOptions) => AsyncIterable<GeneratedToken>;

/** A conversation: what was said is put before each new message, and what the cache holds of it is not run again. */
export class ChatSession {
  readonly #answer: Answer;
  readonly #messages: ChatMessage[] = [];

  /** @internal */
  constructor(answer: Answer, system: string | undefined) {
    this.#answer = answer;
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
      for await (const piece of this.#answer(messages, options)) {
        hasBegun = true;
        answer += piece.text;
        yield piece;
      }
    } finally {
      if (hasBegun) this.#messages.push(messages.at(-1)!, { role: 'assistant', content: answer });
    }
  }
}
