import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readReports, type SimulatorReport, simulatedEnvironment } from '@halyard/simulator';
import { runProcess } from '../../src/toolkit/run-process.js';
import { compiledProgram } from '../driver/vendor-headers.js';

export type Argument = string | { readonly int: number } | { readonly float: number };

/** What a program does that uses the driver API alone. */
export interface Job {
  /** PTX; several texts are linked by the driver. */
  readonly modules: readonly string[];
  /** By name: what is in it at the start, or how many bytes it has. */
  readonly buffers: Readonly<Record<string, ArrayBufferView | number>>;
  readonly launches: readonly {
    readonly kernel: string;
    readonly grid?: readonly [number, number, number];
    readonly block: readonly [number, number, number];
    readonly sharedBytes?: number;
    /** A string is the name of a buffer. */
    readonly arguments: readonly Argument[];
  }[];
  readonly architecture?: string;
}

export interface Outcome {
  /** Of the first call that failed, else `CUDA_SUCCESS`. */
  readonly result: string;
  /** What the linker had to say. */
  readonly log: string;
  readonly report: SimulatorReport;
  /** What is in a buffer at the end. */
  floats(name: string): Promise<Float32Array>;
  integers(name: string): Promise<Int32Array>;
}

/** Runs jobs on `libcuda.so.1`, each in a process of its own. */
export class Launcher {
  private jobs = 0;
  private constructor(
    private readonly folder: string,
    readonly program: string,
  ) {}

  static async build(): Promise<Launcher> {
    const folder = await mkdtemp(join(tmpdir(), 'halyard-others-'));
    return new Launcher(folder, await compiledProgram('launcher'));
  }

  async run(job: Job): Promise<Outcome> {
    const prefix = join(this.folder, `job-${++this.jobs}`);
    const modules = await Promise.all(job.modules.map((ptx, i) => written(`${prefix}-${i}.ptx`, ptx)));
    const lines = [`module ${modules.join(' ')}`];
    for (const [name, content] of Object.entries(job.buffers)) {
      if (typeof content === 'number') lines.push(`buffer ${name} ${content}`);
      else lines.push(`buffer ${name} ${content.byteLength} ${await written(`${prefix}-${name}.in`, content)}`);
    }
    for (const { kernel, grid = [1, 1, 1], block, sharedBytes = 0, arguments: values } of job.launches)
      lines.push(`launch ${kernel} ${grid.join(' ')} ${block.join(' ')} ${sharedBytes} ${values.map(text).join(' ')}`);
    for (const name of Object.keys(job.buffers)) lines.push(`read ${name} ${prefix}-${name}.out`);
    const devices = [{ architecture: job.architecture ?? 'sm_80' }];
    const environment = { ...process.env, ...simulatedEnvironment({ devices, report: prefix }) };
    const { stdout, stderr } = await runProcess(this.program, [], { environment, input: `${lines.join('\n')}\n` });
    const [report] = await readReports(prefix);
    const end = async (name: string) => new Uint8Array(await readFile(`${prefix}-${name}.out`)).buffer;
    return {
      result: stdout.trim(),
      log: stderr,
      report: report!,
      floats: async (name) => new Float32Array(await end(name)),
      integers: async (name) => new Int32Array(await end(name)),
    };
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

async function written(path: string, content: string | ArrayBufferView): Promise<string> {
  await writeFile(path, content);
  return path;
}

function text(argument: Argument): string {
  if (typeof argument === 'string') return argument;
  return 'int' in argument ? `i:${argument.int}` : `f:${argument.float}`;
}
