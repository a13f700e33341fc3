import { HalyardError } from '@halyard/core';
import { architectureModel } from './architecture/architecture.js';
import { attempt } from './attempt.js';
import { type KernelArgument, packArguments } from './kernel-arguments.js';
import type { LaunchResult } from './launch-result.js';
import { type AddonDevice, type KernelDescription, loadSimulatorAddon } from './simulator-addon.js';
import type { TraceOptions } from './trace/instruction-trace.js';

export interface SimulatedDeviceOptions {
  /** `sm_80`, `sm_90a`. */
  readonly architecture: string;
  readonly memoryBytes: number;
  readonly multiprocessors?: number;
  /** Most shared memory of a block; by default what the architecture allows after opting in. */
  readonly sharedBytesPerBlock?: number;
}

/** A module on a device. */
export interface SimulatedModule {
  readonly id: number;
  readonly kernels: readonly KernelDescription[];
}

export type Dimensions = readonly [number, number?, number?];

export interface SimulatedLaunch {
  readonly module: SimulatedModule;
  readonly kernel: string;
  readonly grid: Dimensions;
  readonly block: Dimensions;
  readonly cluster?: Dimensions;
  readonly dynamicSharedBytes?: number;
  readonly arguments: readonly KernelArgument[];
  /** How many threads of the host share the blocks; 1. */
  readonly hostThreads?: number;
  /** Simulates only the blocks from here on … */
  readonly firstBlock?: number;
  /** … this many; all. */
  readonly blockCount?: number;
  /** Of one warp; beyond it the launch counts as hanging. */
  readonly instructionLimit?: number;
  /** Races, copies not waited for and uninitialized reads in shared memory; true. */
  readonly checkRaces?: boolean;
  /** Uninitialized reads of global memory; true. */
  readonly checkInitialized?: boolean;
  /** Sectors and bank conflicts; true. */
  readonly countMemory?: boolean;
  /** Leaves the instructions of chosen blocks in the result, for `estimateIssue`. Needs `countMemory`. */
  readonly trace?: TraceOptions;
}

/**
 * A GPU within this process that executes PTX, for tests of kernels: no driver, no GPU.
 *
 * Launches run on a thread of their own, one after another per device.
 */
export class SimulatedDevice {
  readonly architecture: string;
  readonly #device: AddonDevice;

  /** @throws HalyardError `bad-argument` for an unknown architecture */
  constructor(options: SimulatedDeviceOptions) {
    const { residency } = architectureModel(options.architecture);
    this.architecture = options.architecture;
    this.#device = new (loadSimulatorAddon().Device)({
      memoryBytes: options.memoryBytes,
      computeCapability: Number(/\d+/.exec(options.architecture)![0]),
      multiprocessors: options.multiprocessors ?? 108,
      sharedBytesPerBlock: options.sharedBytesPerBlock ?? residency.sharedBytes - residency.reservedSharedBytes,
    });
  }

  /** @throws HalyardError `unsupported` naming the instruction that is not known */
  load(ptx: string): SimulatedModule {
    return attempt('PTX that the simulator knows', () => this.#device.load(ptx));
  }

  unload(module: SimulatedModule): void {
    this.#device.unload(module.id);
  }

  /** Uninitialized memory of exactly so many bytes. */
  allocate(bytes: number): bigint {
    return attempt(`room for ${bytes} bytes`, () => this.#device.allocate(bytes));
  }

  free(address: bigint): void {
    attempt('an allocation', () => this.#device.free(address));
  }

  write(address: bigint, data: ArrayBufferView): void {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    attempt('memory that is allocated', () => this.#device.write(address, bytes));
  }

  /** The bytes at an address; what was never written is zero. */
  read(address: bigint, bytes: number): ArrayBuffer {
    const result = new Uint8Array(bytes);
    attempt('memory that is allocated', () => this.#device.read(address, result));
    return result.buffer;
  }

  /** Where a `__device__` or `__constant__` variable lies. */
  findGlobal(module: SimulatedModule, name: string): { address: bigint; bytes: number } | undefined {
    return this.#device.findGlobal(module.id, name) ?? undefined;
  }

  /**
   * Runs a kernel to its end. What it does wrong comes back as findings; nothing but wrong arguments throws.
   *
   * @throws HalyardError `bad-argument`
   */
  async launch(launch: SimulatedLaunch): Promise<LaunchResult> {
    const kernel = launch.module.kernels.find((candidate) => candidate.name === launch.kernel);
    if (!kernel) {
      throw new HalyardError('bad-argument', {
        found: `kernel ${launch.kernel}`,
        expected: `one of ${launch.module.kernels.map((candidate) => candidate.name).join(', ')}`,
        remedy: 'Name a kernel of the module, declared extern "C"',
      });
    }
    const { module, kernel: name, arguments: given, ...options } = launch;
    const parameters = packArguments(kernel, given);
    return attempt('a launch', () => this.#device.launch(module.id, name, parameters, options));
  }
}
