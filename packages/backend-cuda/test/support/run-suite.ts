import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CudaMajor, fetchToolkit, type SimulatedGpu, simulatedEnvironment } from '@halyard/simulator';

const configuration = fileURLToPath(new URL('../simulated/vitest.config.ts', import.meta.url));
const root = fileURLToPath(new URL('../../../..', import.meta.url));
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { fullName: string; status: string; failureMessages: readonly string[] }[];
  }[];
}

export interface SuiteOptions {
  /** Major version of the CUDA toolkit that has NVRTC; 13 if left out. */
  readonly compiler?: CudaMajor;
  /** Which tests to run, by name; all if left out. */
  readonly pattern?: string;
  /** Of the process' environment, besides those of this one. */
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * Runs tests in a process with the stand-in driver on the loader's path: it counts from the start of a process.
 *
 * @param suite a file of ../simulated
 */
export async function runSuite(
  suite: string,
  device: SimulatedGpu,
  { compiler = '13', pattern, variables }: SuiteOptions = {},
): Promise<{ passed: number; failures: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'halyard-cuda-'));
  const output = join(folder, 'report.json');
  const environment = simulatedEnvironment({ devices: [device], toolkit: await fetchToolkit(compiler) });
  const parameters = ['run', suite, '--config', configuration, '--reporter=json', `--outputFile=${output}`];
  if (pattern !== undefined) parameters.push('--testNamePattern', pattern);
  const child = spawn(process.execPath, [vitest, ...parameters], {
    cwd: root,
    env: { ...process.env, ...environment, ...variables },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  await new Promise((resolve) => child.once('close', resolve));
  try {
    const report = JSON.parse(readFileSync(output, 'utf8')) as Report;
    const failed = report.testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status === 'failed'),
    );
    return {
      passed: report.numPassedTests,
      failures: failed.map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages[0]}`),
    };
  } catch (error) {
    throw new Error(`The suite gave no report: ${Buffer.concat(errors).toString('utf8')}`, { cause: error });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
