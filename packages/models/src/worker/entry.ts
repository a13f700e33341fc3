import { parentPort } from 'node:worker_threads';
import { HalyardError } from '@halyard/core';
import { ChatTemplate } from '../tokenizer/chat-template.js';
import type { TokenizerDefinition } from '../tokenizer/definition.js';
import { TextTokenizer } from '../tokenizer/text-tokenizer.js';
import { tokenTable } from '../tokenizer/token-table.js';
import { openModelFiles } from './open-model.js';
import type { Failure, Request, Response, WorkerMethods } from './protocol.js';
import { rotaryTables } from './rotary-tables.js';

type Methods = {
  [Name in keyof WorkerMethods]: (
    ...args: Parameters<WorkerMethods[Name]>
  ) => ReturnType<WorkerMethods[Name]> | Promise<ReturnType<WorkerMethods[Name]>>;
};

let tokenizer: TextTokenizer | undefined;
let template: ChatTemplate | undefined;

const methods: Methods = {
  async open(path) {
    const files = await openModelFiles(path);
    const source = files.tokenizer;
    tokenizer = new TextTokenizer(source);
    template = source.chatTemplate === undefined ? undefined : chatTemplate(source, source.chatTemplate);
    return {
      path,
      identity: files.identity,
      format: files.format,
      metadata: files.metadata,
      tensors: files.tensors,
      tokens: tokenTable(source.tokens),
      special: source.special,
      hasChatTemplate: template !== undefined,
      maximumTokens: files.maximumTokens,
    };
  },
  encode: (text, addSpecial) => opened(tokenizer).encode(text, addSpecial),
  encodeAll: (texts, addSpecial) => texts.map((text) => opened(tokenizer).encode(text, addSpecial)),
  renderChat: (messages, addGenerationPrompt) => opened(template).render(messages, addGenerationPrompt),
  rotaryTables,
};

function chatTemplate({ config }: TokenizerDefinition, source: string): ChatTemplate {
  const text = (key: string) => (typeof config[key] === 'string' ? (config[key] as string) : undefined);
  return new ChatTemplate(source, { bos_token: text('bos_token'), eos_token: text('eos_token') });
}

function opened<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The worker was asked before a model was opened');
  return value;
}

const port = parentPort!;
port.on('message', async ({ id, method, arguments: args }: Request) => {
  let response: Response;
  try {
    response = { id, result: await (methods[method] as (...args: readonly unknown[]) => unknown)(...args) };
  } catch (error) {
    response = { id, failure: describe(error) };
  }
  port.postMessage(response, 'result' in response ? buffersOf(response.result) : []);
});

function describe(error: unknown): Failure {
  if (error instanceof HalyardError) return { code: error.code, details: error.details };
  return error instanceof Error
    ? { message: error.message, stack: error.stack }
    : { message: String(error), stack: undefined };
}

/** What is moved to the other thread rather than copied: the memory of typed arrays, one or two levels down. */
function buffersOf(value: unknown, depth = 0): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) return value.byteLength > 0 ? [value.buffer as ArrayBuffer] : [];
  if (value === null || typeof value !== 'object' || depth === 2) return [];
  return Object.values(value).flatMap((part) => buffersOf(part, depth + 1));
}
