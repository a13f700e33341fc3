import type { Command } from 'commander';
import { surveyBackends } from '../backends.js';
import { describeSpeed } from '../language/answer.js';
import { loadLanguageModel } from '../language/load.js';
import { noteColors as colors } from '../terminal/colors.js';
import { onInterrupt } from '../terminal/interrupt.js';
import { note, printData } from '../terminal/output.js';
import { describeSurvey } from './doctor.js';
import { summarize } from './explain.js';

const prompt = 'What is a halyard on a sailing ship? Answer in two sentences.';

/** The tour that `pnpm quickstart` ends in: what is here, an answer, and what it took. */
export function registerQuickstart(program: Command): void {
  program.command('quickstart', { hidden: true }).action(async () => {
    heading('What this machine has');
    printData(describeSurvey(await surveyBackends()));
    heading('A language model');
    note('SmolLM2-135M-Instruct, 98 MB, kept in the cache directory for the next time.');
    const model = await loadLanguageModel('smollm2', {});
    const interrupt = onInterrupt();
    try {
      note(`${colors.bold('>')} ${prompt}`);
      for await (const { text } of model.generate(prompt, {
        maxTokens: 96,
        temperature: 0,
        signal: interrupt.signal,
      })) {
        printData(text);
      }
      printData('\n');
      heading('What it took');
      printData(`Speed    ${describeSpeed(model)}\n${summarize(await model.explain())}\n`);
      heading('What next');
      printData(
        'npx --yes pnpm@10.34.8 -s halyard run smollm2      a chat\n' +
          'npx --yes pnpm@10.34.8 -s halyard explain smollm2  what was fused, planned and chosen, and why\n' +
          'npx --yes pnpm@10.34.8 test                        all tests\n',
      );
    } finally {
      interrupt.release();
      await model.close();
    }
  });
}

function heading(text: string): void {
  note(`\n${colors.bold(colors.cyan(text))}`);
}
