import { HalyardError } from '@halyard/core';
import { Template } from '@huggingface/jinja';

/** One message of a conversation. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool' | (string & {});
  readonly content: string;
}

/** A model's own chat template, parsed once. */
export class ChatTemplate {
  readonly #template: Template;
  readonly #variables: Readonly<Record<string, string | undefined>>;

  /** @throws HalyardError `bad-file` if the template cannot be parsed */
  constructor(source: string, variables: Readonly<Record<string, string | undefined>>) {
    this.#variables = variables;
    try {
      this.#template = new Template(source);
    } catch (cause) {
      throw failure('cannot be parsed', cause);
    }
  }

  /**
   * The text that the model is to continue with its answer.
   *
   * @throws HalyardError `bad-file` if the template fails, for example because it refuses the order of roles
   */
  render(messages: readonly ChatMessage[], addGenerationPrompt: boolean): string {
    try {
      return this.#template.render({
        ...this.#variables,
        messages,
        add_generation_prompt: addGenerationPrompt,
      });
    } catch (cause) {
      throw failure('fails', cause);
    }
  }
}

function failure(what: string, cause: unknown): HalyardError {
  return new HalyardError(
    'bad-file',
    {
      found: `The model's chat template ${what}: ${(cause as Error).message}`,
      expected: 'a template that renders these messages',
      remedy: 'Check the order of roles, or pass a prompt of your own (`--raw`)',
    },
    { cause },
  );
}
