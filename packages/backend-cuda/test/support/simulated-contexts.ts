import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SimulatedEnvironmentOptions } from '@halyard/simulator';
import { type Ended, runSimulated } from './simulated-process.js';

const core = new URL('../../../core/dist/index.js', import.meta.url).href;

/**
 * What the scripts may use besides: contexts on the devices by number; `Work` (a graph, its tensors and the memory that
 * they take, made step by step); `arm`, which lets something go wrong from now on; `look`, which lets nothing go wrong any
 * more and says what the stand-in driver has seen until then.
 */
const prelude = `
const { createContext, MLGraphBuilder } = await import(${JSON.stringify(core)});
const { readFileSync, writeFileSync } = await import('node:fs');
const known = { ...plugin, probe: async () => ({ adapters, refusals: [] }) };
const open = (device, options = {}) => createContext({ device: 'cuda:' + device, backends: [known], ...options });
const side = 32;
const square = { dataType: 'float32', shape: [side, side] };
/** y = softmax(x · w) · x + state, with w a constant: 4 KiB for each tensor; each element of y is 2·value. */
class Work {
  constructor(context) { this.context = context; }
  async allocate() {
    this.x ??= await this.context.createTensor({ ...square, writable: true });
    this.y ??= await this.context.createTensor({ ...square, readable: true });
    this.state ??= await this.context.createTensor({ ...square, writable: true });
  }
  async build() {
    const builder = new MLGraphBuilder(this.context);
    const x = builder.input('x', square);
    const w = builder.constant(square, new Float32Array(side * side).fill(0.5));
    const weighted = builder.matmul(builder.softmax(builder.matmul(x, w), 1), x);
    this.graph = await builder.build({ y: builder.add(weighted, builder.state('s', square)) });
  }
  submit(value) {
    this.value = value;
    this.context.writeTensor(this.x, new Float32Array(side * side).fill(value));
    this.context.writeTensor(this.state, new Float32Array(side * side).fill(value));
    this.context.dispatch(this.graph, { x: this.x }, { y: this.y }, { states: { s: this.state } });
  }
  async read() {
    const y = new Float32Array(await this.context.readTensor(this.y));
    if (y.every((one) => Math.abs(one - 2 * this.value) < 1e-3)) return 'right';
    throw Object.assign(new Error('wrong'), { code: 'wrong: ' + y[0] + ' for ' + 2 * this.value });
  }
  async run(value) {
    this.submit(value);
    return this.read();
  }
  destroy() {
    for (const part of [this.x, this.y, this.state, this.graph]) part?.destroy();
  }
}
async function prepared(context) {
  const work = new Work(context);
  await work.allocate();
  await work.build();
  return work;
}
const { HALYARD_FAULTS: faultFile, HALYARD_REPORTS: reports } = process.env;
let looks = 0;
const arm = (...faults) => writeFileSync(faultFile, JSON.stringify(faults) + ' '.repeat(++looks));
async function look() {
  arm();
  // Any call has the driver look at the file, and write its report first.
  const device = await plugin.open(adapters.at(-1));
  await device.close();
  return JSON.parse(readFileSync(reports + '/simulator-' + process.pid + '.json', 'utf8'));
}
/** What is taken of a device, and what objects there are. */
const level = (report, device = 0) => ({ usedBytes: report.devices[device].usedBytes, ...report.objects });
`;

/** Runs a script as `runSimulated` does, over contexts, with faults that can be armed meanwhile. */
export async function runContexts(simulation: SimulatedEnvironmentOptions, script: string): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'halyard-cuda-'));
  const faultFile = join(folder, 'faults.json');
  try {
    const setting = `process.env.HALYARD_FAULTS = ${JSON.stringify(faultFile)}; process.env.HALYARD_REPORTS = ${JSON.stringify(folder)};`;
    return await runSimulated(
      { countMemory: false, hostThreads: 1, ...simulation, faultFile, report: folder },
      setting + prelude + script,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
