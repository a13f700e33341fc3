import { type Configuration, type Program, reference } from '@halyard/core';
import { type GeneratedProgram, generateProgram } from '@halyard/simt';
import { type Counters, compileCuda, type Finding, type InstructionTrace, SimulatedDevice } from '@halyard/simulator';
import { fillStep } from './matrix-data.js';
import type { OneStep } from './matrix-steps.js';
import { type Architecture, targets, toolkitFor } from './matrix-targets.js';
import { encodedMap } from './tensor-map.js';

export interface SimulatedStep {
  readonly kernel: string;
  /** Of each launch. */
  readonly counters: readonly Counters[];
  readonly findings: readonly Finding[];
  /** Of each output: what came out, and what the reference says. */
  readonly outputs: readonly { readonly found: Float64Array; readonly expected: Float64Array }[];
  /** Of each launch, where traces were asked for. */
  readonly traces: readonly InstructionTrace[];
  readonly launches: GeneratedProgram['launches'];
  readonly ptx: string;
}

export interface SimulateOptions {
  readonly architecture?: Architecture;
  readonly seed?: number;
  readonly lengths?: readonly number[];
  readonly tuning?: Configuration;
  /** Changes the source before it is compiled: plants a fault. */
  readonly editSource?: (source: string) => string;
  /** Changes the tensors' bytes before they are used. */
  readonly edit?: (bytes: readonly Uint8Array[]) => void;
  /** Simulates only so many blocks of each launch, and computes no reference. */
  readonly blocks?: number;
  /** Leaves the instructions of the first block of each launch. */
  readonly trace?: boolean;
}

/** Generates, compiles and executes one step on the simulator, and runs it on the reference interpreter. */
export async function simulateStep(one: OneStep<string>, options: SimulateOptions = {}): Promise<SimulatedStep> {
  const { architecture = 'sm_80', seed = 1, lengths = [], tuning = {}, blocks } = options;
  const { tensors, step } = one;
  const target = targets[architecture];
  const version = { major: 1, minor: 0 };
  const program: Program = { version, bindings: [], tensors, steps: [step], workspaceBytes: 0 };
  const generated = generateProgram(program, target, [tuning]);
  const toolkit = await toolkitFor(architecture);
  const { source } = generated.modules[0]!;
  const { ptx } = await compileCuda(toolkit, options.editSource?.(source) ?? source, target);
  const device = new SimulatedDevice({ architecture: target.architecture, memoryBytes: 2 ** 30 });
  const module = device.load(ptx);
  const bytes = fillStep(one, seed, lengths);
  options.edit?.(bytes);
  const addresses = bytes.map((data) => {
    const address = device.allocate(Math.max(data.length, 1));
    if (data.length > 0) device.write(address, data);
    return address;
  });
  const scratch = device.allocate(Math.max(generated.scratchBytes, 1));
  const counters: Counters[] = [];
  const traces: InstructionTrace[] = [];
  const findings: Finding[] = [];
  for (const launch of generated.launches) {
    const result = await device.launch({
      module,
      kernel: launch.kernel,
      grid: launch.grid,
      block: launch.block,
      dynamicSharedBytes: launch.dynamicSharedBytes,
      arguments: launch.arguments.map((argument) => {
        if (argument.kind === 'binding') return addresses[argument.binding]!;
        if (argument.kind === 'scratch') return scratch + BigInt(argument.offset);
        if (argument.kind === 'tensor-map' && argument.map.memory.kind === 'binding')
          return encodedMap(argument.map, addresses[argument.map.memory.binding]!);
        throw new TypeError(`no ${argument.kind} here`);
      }),
      ...(blocks !== undefined && { firstBlock: 0, blockCount: blocks }),
      ...(options.trace && { trace: {} }),
    });
    findings.push(...result.findings);
    if (result.error && options.editSource) break;
    if (result.error) throw new Error(`${launch.kernel}: ${result.error}: ${result.message}`);
    counters.push(result.counters);
    if (result.trace) traces.push(result.trace);
  }
  const kernel = generated.choices[0]!.kernel;
  const done = { kernel, counters, findings, traces, launches: generated.launches, ptx };
  if (blocks !== undefined) return { ...done, outputs: [] };
  reference.evaluate(tensors, [step], (tensor) => bytes[tensor]!);
  const outputs = step.outputs.map(({ tensor }) => ({
    found: asNumbers(tensors[tensor]!.type, new Uint8Array(device.read(addresses[tensor]!, bytes[tensor]!.length))),
    expected: asNumbers(tensors[tensor]!.type, bytes[tensor]!),
  }));
  return { ...done, outputs };
}

function asNumbers(type: string, bytes: Uint8Array): Float64Array {
  const { buffer, byteOffset, length } = bytes;
  if (type === 'float32') return Float64Array.from(new Float32Array(buffer, byteOffset, length / 4));
  if (type === 'int32') return Float64Array.from(new Int32Array(buffer, byteOffset, length / 4));
  throw new TypeError(`outputs of ${type} are not compared`);
}

/** The greatest difference over the greatest magnitude that is expected. Infinities have to be the same. */
export function worstError({ found, expected }: SimulatedStep['outputs'][number]): number {
  let [worst, scale] = [0, 0];
  for (const [i, value] of expected.entries()) {
    if (found[i] === value) continue;
    const difference = Math.abs(found[i]! - value);
    worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(worst, difference);
  }
  for (const value of expected) if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value));
  return worst === 0 ? 0 : worst / scale;
}
