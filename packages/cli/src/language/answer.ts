import type { LanguageModel } from '@halyard/models';
import { noteColors as colors } from '../terminal/colors.js';
import { onInterrupt } from '../terminal/interrupt.js';
import { note, printData, printJson } from '../terminal/output.js';
import { generationOptions, type LanguageOptions } from './load.js';

/** Answers one prompt: token by token, or as one JSON object. Ctrl-C ends the answer; what there is of it stands. */
export async function answerOnce(model: LanguageModel, prompt: string, options: LanguageOptions): Promise<void> {
  const interrupt = onInterrupt();
  let text = '';
  try {
    for await (const piece of model.generate(prompt, { ...generationOptions(options), signal: interrupt.signal })) {
      text += piece.text;
      if (!options.json) printData(piece.text);
    }
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    process.exitCode = 130;
  } finally {
    interrupt.release();
  }
  const { promptTokens, tokens, prefillTokensPerSecond, decodeTokensPerSecond } = model.statistics;
  const device = model.device;
  if (options.json) {
    printJson({ promptTokens, tokens, text, prefillTokensPerSecond, decodeTokensPerSecond, device });
    return;
  }
  printData('\n');
  note(colors.dim(describeSpeed(model)));
}

/** `5 + 48 tokens, prompt 310 tokens/s, answer 120 tokens/s, on cpu`. */
export function describeSpeed({ statistics, device }: LanguageModel): string {
  const { promptTokens, tokens, prefillTokensPerSecond, decodeTokensPerSecond } = statistics;
  return (
    `${promptTokens} + ${tokens} tokens, prompt ${prefillTokensPerSecond.toFixed(0)} tokens/s, ` +
    `answer ${decodeTokensPerSecond.toFixed(0)} tokens/s, on ${device}`
  );
}
