import { ChatTemplate } from '../tokenizer/chat-template.js';
import type { TokenizerDefinition } from '../tokenizer/definition.js';
import { TextTokenizer } from '../tokenizer/text-tokenizer.js';
import { tokenTable } from '../tokenizer/token-table.js';
import { openModelFiles } from './open-model.js';
import type { WorkerMethods } from './protocol.js';
import { rotaryTables } from './rotary-tables.js';

type Methods = {
  [Name in keyof WorkerMethods]: (
    ...args: Parameters<WorkerMethods[Name]>
  ) => ReturnType<WorkerMethods[Name]> | Promise<ReturnType<WorkerMethods[Name]>>;
};

/** What the thread holds of one model, and does for it. */
export class ModelFile implements Methods {
  #definition: TokenizerDefinition | undefined;
  #tokenizer: TextTokenizer | undefined;
  #template: ChatTemplate | undefined;
  readonly rotaryTables = rotaryTables;

  async open(path: string) {
    const files = await openModelFiles(path);
    const source = files.tokenizer;
    this.#definition = source;
    this.#template = source.chatTemplate === undefined ? undefined : chatTemplate(source, source.chatTemplate);
    return {
      path,
      identity: files.identity,
      format: files.format,
      metadata: files.metadata,
      tensors: files.tensors,
      tokens: tokenTable(source.tokens),
      special: source.special,
      hasChatTemplate: this.#template !== undefined,
      maximumTokens: files.maximumTokens,
    };
  }

  prepareTokenizer(): void {
    if (this.#tokenizer !== undefined) return;
    this.#tokenizer = new TextTokenizer(opened(this.#definition));
    this.#definition = undefined;
  }

  encode(text: string, addSpecial: boolean): Int32Array<ArrayBuffer> {
    this.prepareTokenizer();
    return this.#tokenizer!.encode(text, addSpecial);
  }

  encodeAll(texts: readonly string[], addSpecial: boolean): readonly Int32Array<ArrayBuffer>[] {
    return texts.map((text) => this.encode(text, addSpecial));
  }

  renderChat(...[messages, addGenerationPrompt]: Parameters<WorkerMethods['renderChat']>): string {
    return opened(this.#template).render(messages, addGenerationPrompt);
  }
}

function chatTemplate({ config }: TokenizerDefinition, source: string): ChatTemplate {
  const text = (key: string) => (typeof config[key] === 'string' ? (config[key] as string) : undefined);
  return new ChatTemplate(source, { bos_token: text('bos_token'), eos_token: text('eos_token') });
}

function opened<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The worker was asked before a model was opened');
  return value;
}
