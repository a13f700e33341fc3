import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  compileCuda,
  fetchToolkit,
  readReports,
  type SimulatedEnvironmentOptions,
  type SimulatorReport,
  simulatedEnvironment,
} from '@halyard/simulator';
import { afterAll, beforeAll } from 'vitest';
import { compiledProgram } from './vendor-headers.js';

const kernels = `
__device__ float table[4] = {1, 2, 3, 4};
extern "C" __global__ void add(const float* a, const float* b, float* c, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) c[i] = a[i] + b[i] + table[0] - 1;
}
extern "C" __global__ void scale(float* x, float factor, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] *= factor;
}`;

export interface Run {
  /** What the program printed as `name=value`. */
  readonly said: Readonly<Record<string, string>>;
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly report: SimulatorReport;
}

export interface DriverProgram {
  /** Runs a scenario on the stand-in, with the kernels above or other PTX. */
  run(scenario: string, options?: SimulatedEnvironmentOptions, ptx?: string): Promise<Run>;
}

/** A program of the folder `programs`, compiled before the tests of the file that calls this. */
export function driverProgram(name: string): DriverProgram {
  let folder = '';
  let program = '';
  let runs = 0;
  const path = (file: string) => join(folder, file);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'halyard-driver-'));
    const toolkit = await fetchToolkit('13');
    await writeFile(path('kernels.ptx'), (await compileCuda(toolkit, kernels, { architecture: 'sm_75' })).ptx);
    program = await compiledProgram(name);
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return {
    run: async (scenario, options = {}, ptx) => {
      const report = path(`report-${++runs}`);
      const image = path(ptx === undefined ? 'kernels.ptx' : `image-${runs}.ptx`);
      if (ptx !== undefined) await writeFile(image, ptx);
      const environment = { ...process.env, ...simulatedEnvironment({ hostThreads: 1, ...options, report }) };
      const child = spawn(program, [scenario, image], {
        env: environment,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
      const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
        child.on('close', (...end) => resolve(end));
      });
      const [only] = await readReports(report);
      return { said: readLines(output), status, signal, report: only! };
    },
  };
}

function readLines(output: string): Record<string, string> {
  const lines = output.split('\n').filter(Boolean);
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** Of what the stand-in found. */
export const kinds = ({ report }: Run) => [...new Set(report.findings.map((finding) => finding.kind))];
