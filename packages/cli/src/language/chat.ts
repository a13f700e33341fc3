import { createInterface } from 'node:readline/promises';
import type { ChatMessage, LanguageModel } from '@halyard/models';
import { noteColors as colors } from '../terminal/colors.js';
import { onInterrupt } from '../terminal/interrupt.js';
import { note, printData } from '../terminal/output.js';
import { describeSpeed } from './answer.js';
import { generationOptions, type LanguageOptions } from './load.js';

/**
 * A conversation, line by line from standard input until it ends or `/exit`. Ctrl-C ends an answer under way, and at the
 * prompt the conversation. With `raw`, each line is continued by itself.
 */
export async function chat(model: LanguageModel, options: LanguageOptions): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, prompt: colors.bold('> ') });
  note(colors.dim('Ctrl-C ends an answer; /clear begins anew; /exit or Ctrl-D leaves.'));
  const messages: ChatMessage[] = [];
  lines.on('SIGINT', () => lines.close());
  lines.prompt();
  for await (const line of lines) {
    if (line.trim() === '/exit') break;
    if (line.trim() === '/clear') messages.length = 0;
    else if (line.trim() !== '') await answer(model, line, messages, options);
    lines.prompt();
  }
  lines.close();
  note();
}

async function answer(model: LanguageModel, line: string, messages: ChatMessage[], options: LanguageOptions) {
  const interrupt = onInterrupt();
  messages.push({ role: 'user', content: line });
  let text = '';
  try {
    const prompt = options.raw ? line : messages;
    for await (const piece of model.generate(prompt, { ...generationOptions(options), signal: interrupt.signal })) {
      text += piece.text;
      printData(piece.text);
    }
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
  } finally {
    interrupt.release();
  }
  messages.push({ role: 'assistant', content: text });
  printData('\n');
  note(colors.dim(describeSpeed(model)));
}
