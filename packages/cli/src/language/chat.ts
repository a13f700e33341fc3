import { createInterface } from 'node:readline/promises';
import type { GeneratedToken, LanguageModel } from '@halyard/models';
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
  let session = model.chat();
  let answering: AbortController | undefined;
  // While the terminal is in raw mode, Ctrl-C comes as a key, not as a signal.
  lines.on('SIGINT', () => (answering ? answering.abort() : lines.close()));
  // Input that is piped may have ended long before its lines are answered; from Node 24 on, prompting then throws.
  let hasEnded = false;
  lines.once('close', () => {
    hasEnded = true;
  });
  lines.prompt();
  for await (const line of lines) {
    if (line.trim() === '/exit') break;
    if (line.trim() === '/clear') session = model.chat();
    else if (line.trim() !== '') {
      answering = new AbortController();
      const settings = { ...generationOptions(options), signal: answering.signal };
      await printAnswer(options.raw ? model.generate(line, settings) : session.send(line, settings), answering);
      answering = undefined;
      note(colors.dim(describeSpeed(model)));
    }
    if (!hasEnded) lines.prompt();
  }
  lines.close();
  note();
}

async function printAnswer(pieces: AsyncIterable<GeneratedToken>, controller: AbortController): Promise<void> {
  const interrupt = onInterrupt(controller);
  try {
    for await (const { text } of pieces) printData(text);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
  } finally {
    interrupt.release();
  }
  printData('\n');
}
