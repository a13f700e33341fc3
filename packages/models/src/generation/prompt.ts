import { HalyardError } from '@halyard/core';
import type { ChatMessage } from '../tokenizer/chat-template.js';
import type { ModelWorker } from '../worker/client.js';
import type { OpenedModel } from '../worker/protocol.js';

/** A text, a conversation, or token ids. */
export type Prompt = string | readonly ChatMessage[] | Int32Array;

/**
 * The tokens to be continued. A text becomes a conversation of one message of the user, unless `raw`; a conversation
 * goes through the model's own chat template; tokens are taken as they are.
 *
 * @throws HalyardError `bad-argument` for an empty prompt or foreign token ids, `unsupported` without a chat template
 */
export async function promptTokens(
  prompt: Prompt,
  raw: boolean,
  { model, worker }: { readonly model: OpenedModel; readonly worker: ModelWorker },
): Promise<readonly number[]> {
  const tokens =
    prompt instanceof Int32Array
      ? requireTokens(prompt, model.tokens.control.length)
      : raw && typeof prompt === 'string'
        ? await worker.call('encode', prompt, true)
        : await worker.call('encode', await render(prompt, { model, worker }), false);
  if (tokens.length > 0) return [...tokens];
  throw new HalyardError('bad-argument', {
    found: 'A prompt without tokens',
    expected: 'at least one token to go on from',
    remedy: 'Pass a prompt that is not empty',
  });
}

async function render(
  prompt: string | readonly ChatMessage[],
  { model, worker }: { readonly model: OpenedModel; readonly worker: ModelWorker },
): Promise<string> {
  if (!model.hasChatTemplate) {
    throw new HalyardError('unsupported', {
      found: `${model.path} states no chat template`,
      expected: 'one, to put a conversation into',
      remedy: 'Pass the prompt as it is to be continued, with { raw: true } (`--raw`)',
    });
  }
  const messages = typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt;
  return worker.call('renderChat', messages, true);
}

function requireTokens(tokens: Int32Array, vocabularySize: number): Int32Array {
  const foreign = tokens.find((token) => token < 0 || token >= vocabularySize);
  if (foreign === undefined) return tokens;
  throw new HalyardError('bad-argument', {
    found: `The token id ${foreign}`,
    expected: `ids from 0 to ${vocabularySize - 1}`,
    remedy: 'Pass token ids of this model',
  });
}
