import { stat } from 'node:fs/promises';
import type { Explanation } from '@halyard/core';
import type { Command } from 'commander';
import { loadLanguageModel } from '../language/load.js';
import { obtainModel } from '../obtain-model.js';
import { type DeviceOptions, integerWithin } from '../options.js';
import { loadSentenceEncoder } from '../sentences/load.js';
import { formatBytes, formatColumns } from '../terminal/format.js';
import { printData, printJson } from '../terminal/output.js';

export function registerExplain(program: Command): void {
  program
    .command('explain')
    .description('say how a model runs: what was fused, planned, placed and chosen, and why')
    .argument('<model>', 'an alias (smollm2, minilm), hf:owner/name/file, or a path')
    .option('--device <name>', 'cpu, reference, … (default: the best one found)')
    .option('--threads <count>', 'of the CPU backend (default: all cores)', integerWithin({ least: 1 }))
    .option('--json', 'print the whole explanation as one object')
    .action(async (name: string, options: DeviceOptions & { readonly json?: true }) => {
      const path = await obtainModel(name);
      // Safetensors come in a folder with their configuration, and those that can be read are sentence encoders.
      const load = (await stat(path)).isDirectory() ? loadSentenceEncoder : loadLanguageModel;
      const model = await load(path, options);
      try {
        const explanation = await model.explain();
        if (options.json) printJson(explanation);
        else printData(describe(explanation));
      } finally {
        await model.close();
      }
    });
}

function describe(explanation: Explanation): string {
  const { steps, decisions } = explanation;
  const rows = steps.map(({ kind, shapes, kernel, origin, reason }, index) => [
    String(index),
    kind,
    shapes,
    kernel ?? '',
    reason ?? '',
    shorten(origin.join(' + ')),
  ]);
  return [
    summarize(explanation),
    '',
    formatColumns([['step', 'kind', 'shapes', 'kernel', 'because', 'from'], ...rows]),
    ...(decisions.length > 0 ? ['', 'What no device took as it was:'] : []),
    ...decisions.map(({ step, decision, reason }) => `  ${step}: ${decision} (${reason})`),
    '',
  ].join('\n');
}

/** The three lines that everybody wants. */
export function summarize({
  operators,
  stepsBeforeFusion,
  stepsAfterFusion,
  bytesMovedBeforeFusion,
  bytesMovedAfterFusion,
  memory,
}: Explanation): string {
  const ratio = memory.lowerBoundBytes > 0 ? memory.plannedBytes / memory.lowerBoundBytes : 1;
  return formatColumns([
    ['Fusion', `${operators} operators → ${stepsBeforeFusion} steps before fusion → ${stepsAfterFusion} after`],
    ['Traffic', `${formatBytes(bytesMovedBeforeFusion)} before fusion → ${formatBytes(bytesMovedAfterFusion)} after`],
    [
      'Memory',
      `${formatBytes(memory.plannedBytes)} planned; ${formatBytes(memory.naiveBytes)} without a plan, ` +
        `${formatBytes(memory.lowerBoundBytes)} at least (${ratio.toFixed(2)}×)`,
    ],
  ]);
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
