import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ReportedFinding, readReports } from '../environment/report.js';
import { simulatedEnvironment } from '../environment/simulated-environment.js';
import { fetchToolkit } from '../toolkit/fetch-toolkit.js';
import { type CudaMajor, releases } from '../toolkit/release.js';

const usage = `usage: halyard-simulate [--gpu sm_80]… [--nvrtc 11|12|13] [--report FOLDER] -- COMMAND…

Runs a command on simulated GPUs in place of NVIDIA's driver, and says what its kernels and copies do wrong.

  --gpu     an architecture; one device for each (one sm_80 if left out)
  --nvrtc   puts NVRTC of that release on the loader's path, fetched with pip
  --report  keeps the reports there, one for each process: calls, launches, counters, findings

Exit status: the command's own; 1 if that is 0 and something was found; 2 for a command line that makes no sense.
`;

/** What is found counts even where the command did not fail. */
const foundStatus = 1;
const usageStatus = 2;

/**
 * The command `halyard-simulate`.
 *
 * @returns the exit status
 */
export async function simulate(parameters: readonly string[]): Promise<number> {
  const options = read(parameters);
  if (options === undefined) {
    process.stderr.write(usage);
    return usageStatus;
  }
  const temporary = await mkdtemp(join(tmpdir(), 'halyard-simulate-'));
  try {
    const report = options.report ?? temporary;
    const toolkit = options.nvrtc === undefined ? {} : { toolkit: await fetchToolkit(options.nvrtc) };
    const devices = options.gpus.map((architecture) => ({ architecture }));
    const environment = simulatedEnvironment({ ...(devices.length > 0 ? { devices } : {}), ...toolkit, report });
    const status = await run(options.command, { ...process.env, ...environment });
    const findings = (await readReports(report)).flatMap((process) => process.findings);
    for (const finding of findings) process.stderr.write(`${describe(finding)}\n`);
    return status === 0 && findings.length > 0 ? foundStatus : status;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

interface Options {
  readonly gpus: readonly string[];
  readonly nvrtc?: CudaMajor;
  readonly report?: string;
  readonly command: readonly [string, ...string[]];
}

function read(parameters: readonly string[]): Options | undefined {
  const end = parameters.indexOf('--');
  const [command, ...rest] = end < 0 ? [] : parameters.slice(end + 1);
  if (command === undefined) return undefined;
  try {
    const { values } = parseArgs({
      args: parameters.slice(0, end),
      options: { gpu: { type: 'string', multiple: true }, nvrtc: { type: 'string' }, report: { type: 'string' } },
    });
    const { gpu = [], nvrtc, report } = values;
    if (nvrtc !== undefined && !Object.hasOwn(releases, nvrtc)) return undefined;
    return {
      gpus: gpu,
      ...(nvrtc === undefined ? {} : { nvrtc: nvrtc as CudaMajor }),
      ...(report === undefined ? {} : { report }),
      command: [command, ...rest],
    };
  } catch {
    return undefined;
  }
}

/** A shell says 128 + n of what signal n ended, and 127 of what is not there. */
function run([command, ...parameters]: Options['command'], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, parameters, { env, stdio: 'inherit' });
    child.on('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(127);
    });
    child.on('close', (status, signal) => resolve(status ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

function describe({ kind, kernel, source, line, instruction, place, explanation }: ReportedFinding): string {
  if (kernel === undefined) return `${kind}: ${explanation} (${place})`;
  return `${kind}: ${explanation}, in ${kernel} at ${source ?? `PTX line ${line}`}: ${instruction}`;
}
