import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildFolder } from '@halyard/native';
import {
  type CudaMajor,
  fetchToolkit,
  type SimulatedEnvironmentOptions,
  simulatedEnvironment,
} from '@halyard/simulator';
import { built } from '../../../core/test/runtime/built.js';

const packageFolder = new URL('../..', import.meta.url);
const entry = new URL('dist/index.js', packageFolder);
const addon = join(buildFolder(packageFolder), 'halyard_cuda.node');
const driver = join(buildFolder(new URL('../simulator/', packageFolder)), 'driver', 'libcuda.so.1');

/** The stand-in driver is made for Linux on x86-64. */
export const canSimulate = process.platform === 'linux' && process.arch === 'x64';
if (canSimulate) for (const file of [entry, pathToFileURL(addon), pathToFileURL(driver)]) built(file);

/** What the scripts below may use: devices, and a program y = exp(x) · 2 that takes two kernels' worth of bindings. */
const prelude = `
const { default: plugin } = await import(${JSON.stringify(entry.href)});
const { adapters, refusals } = await plugin.probe({ timeoutMs: 60000 });
const print = (value) => console.log(JSON.stringify(value));
const outcome = (promise) => Promise.resolve(promise).then((value) => value ?? 'ok', (error) => error.code);
const MiB = 2 ** 20;
const view = (tensor) => ({ tensor, offset: 0, shape: [256], strides: [1] });
const instruction = (op, ...inputs) => ({ op, arguments: inputs, dataType: 'float32' });
const map = (from, to, body, after) => ({
  kind: 'map', inputs: [view(from)], outputs: [view(to)], attributes: {}, after, origin: [],
  epilogue: { inputs: [], body, results: [body.length] },
});
/** y = 2·(x + x), with x + x in the workspace. */
const program = {
  version: { major: 1, minor: 0 },
  bindings: [{ role: 'input', name: 'x', bytes: 1024 }, { role: 'output', name: 'y', bytes: 1024 }],
  tensors: [
    { type: 'float32', shape: [256], at: { binding: 0 }, offset: 0 },
    { type: 'float32', shape: [256], at: 'workspace', offset: 0 },
    { type: 'float32', shape: [256], at: { binding: 1 }, offset: 0 },
  ],
  steps: [map(0, 1, [instruction('add', 0, 0)], []), map(1, 2, [instruction('add', 0, 0)], [0])],
  workspaceBytes: 1024,
};
async function prepare(device) {
  const executable = await device.compile(program, [{}, {}]);
  const region = await device.memory.reserve(2 * MiB, 'device');
  const span = (offset, bytes = 1024) => ({ region, offset, bytes });
  const bound = executable.bind([span(0), span(4096)], [], span(65536, 65536));
  const queue = device.queue('compute');
  const run = async (value, from = span(0), to = span(4096)) => {
    queue.write(new Float32Array(256).fill(value), from);
    queue.run(bound);
    const result = new Float32Array(256);
    await queue.read(to, result).wait();
    return result[0] === result[255] ? result[0] : [...result];
  };
  return { device, executable, bound, queue, region, span, run };
}
`;

export interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  /** What the script printed with \`print\`. */
  readonly printed: readonly unknown[];
  readonly errorOutput: string;
}

/**
 * Runs a script in a process that has the stand-in driver on its loader's path, over the built packages.
 *
 * @param compilers whose NVRTC the process finds
 * @param variables of its environment, besides those of this one
 */
export async function runSimulated(
  simulation: SimulatedEnvironmentOptions,
  script: string,
  compilers: readonly CudaMajor[] = ['13'],
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const toolkits = await Promise.all(compilers.map((major) => fetchToolkit(major)));
  const { LD_LIBRARY_PATH: path, ...environment } = simulatedEnvironment(simulation);
  const folders = [path, ...toolkits.map(({ libraryFolder }) => libraryFolder)].join(':');
  const child = spawn(process.execPath, ['--input-type=module', '--eval', prelude + script], {
    env: { ...process.env, ...environment, LD_LIBRARY_PATH: folders, ...variables },
    timeout: 170_000,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      const lines = Buffer.concat(output).toString('utf8').split('\n').filter(Boolean);
      const printed = lines.map((line) => JSON.parse(line) as unknown);
      resolve({ status, signal, printed, errorOutput: Buffer.concat(errors).toString('utf8') });
    });
  });
}
