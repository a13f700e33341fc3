import { arch, platform, release } from 'node:os';
import type { Adapter, BackendReport } from '@halyard/core';
import type { Command } from 'commander';
import { adviceForMissing, type Survey, surveyBackends } from '../backends.js';
import { colors } from '../terminal/colors.js';
import { formatBytes } from '../terminal/format.js';
import { printData, printJson } from '../terminal/output.js';

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('say of every backend whether it can be used here, or why not and what to do')
    .option('--json', 'print everything that was found as one object')
    .action(async ({ json }: { readonly json?: true }) => {
      const survey = await surveyBackends();
      const system = { node: process.versions.node, platform: platform(), release: release(), architecture: arch() };
      if (json) printJson({ system, chosen: survey.best?.adapter.id ?? null, backends: survey.reports });
      else printData(describeSurvey(survey));
      if (!survey.best) process.exitCode = 1;
    });
}

/** Each backend in a few lines, and what is chosen. */
export function describeSurvey({ reports, best }: Survey): string {
  const wanted = process.env.HALYARD_DEVICE;
  const nothing = wanted ? `Nothing that HALYARD_DEVICE=${wanted} stands for` : 'No backend';
  const chosen = best
    ? `${colors.bold('Chosen:')} ${best.name} (${best.adapter.name})`
    : `${colors.red(`${nothing} can be used here.`)} The lines above say what to do about it.`;
  return `${[...reports.map(describeReport), '', chosen].join('\n')}\n`;
}

function describeReport(report: BackendReport): string {
  const { name, adapters, refusals, installed, milliseconds, source } = report;
  const usable = adapters.filter(({ proof }) => proof.ok);
  const mark = usable.length > 0 ? colors.green('✔') : colors.dim('✘');
  const head = `${mark} ${colors.bold(name.padEnd(10))}`;
  if (!installed && refusals.length === 0) return `${head} ${colors.dim(adviceForMissing(report))}`;
  const where = source === 'installed' || source === 'core' ? '' : `, named by ${source}`;
  const summary = `${usable.length > 0 ? 'usable' : 'cannot be used'} ${colors.dim(`(looked for ${milliseconds} ms${where})`)}`;
  const lines = [
    ...adapters.filter(({ proof }) => proof.ok).flatMap(describeAdapter),
    ...refusals.flatMap(({ found, expected, remedy }) => [
      `${colors.red('found')} ${found}`,
      `${colors.dim('expected')} ${expected}`,
      `${colors.dim('remedy')} ${remedy}`,
    ]),
  ];
  return [`${head} ${summary}`, ...lines.map((line) => `${' '.repeat(13)}${line}`)].join('\n');
}

function describeAdapter(adapter: Adapter): string[] {
  const memory = adapter.memory.map(({ tier, bytes, bytesPerSecond }) => {
    const speed = bytesPerSecond === undefined ? '' : ` at ${formatBytes(bytesPerSecond)}/s`;
    return `${formatBytes(bytes)} ${tier}${speed}`;
  });
  const versions = Object.entries(adapter.versions).map(([what, version]) => `${what} ${version}`);
  return [
    `${adapter.name}, ${adapter.architecture}, ${adapter.computeUnits} compute units, ${memory.join(', ')}`,
    ...(versions.length > 0 ? [colors.dim(versions.join(', '))] : []),
    colors.dim(`proof: ${adapter.proof.detail}`),
  ];
}
