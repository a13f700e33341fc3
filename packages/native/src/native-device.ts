import type {
  Adapter,
  Configuration,
  Device,
  Executable,
  KernelChoice,
  MemorySource,
  Program,
  Queue,
} from '@halyard/core';
import type { Handle, NativeAddon } from './addon.js';
import { encodeKernels, type KernelList } from './encode-kernels.js';
import { encodeProgram } from './encode-program.js';
import { fromNativeError, nativePromise } from './native-error.js';
import { NativeExecutable } from './native-executable.js';
import { NativeMemory } from './native-memory.js';
import { NativeQueue } from './native-queue.js';

export interface NativeDeviceOptions {
  /** Bytes; regions are multiples of it. */
  readonly granularity: number;
  /** Handed to the addon as it is: numbers, strings and booleans. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Whether JavaScript can reach the memory itself; true unless said. */
  readonly isReachable?: boolean;
  /** Where kernels are generated and compiled before the addon gets the program. `device` is the addon's own handle. */
  readonly generate?: (program: Program, tuning: readonly Configuration[], device: Handle) => Promise<GeneratedKernels>;
}

/** What a generator makes of a program, compiled. */
export interface GeneratedKernels {
  readonly kernels: KernelList;
  readonly choices: readonly KernelChoice[];
}

/** Devices that are open, so that arrays which native code still writes to are not collected. */
const openDevices = new Set<NativeDevice>();

/**
 * Opens an adapter of an addon as a device of the contract.
 *
 * @throws HalyardError whatever the addon answers: `no-device`, `bad-argument`, …
 */
export async function openNativeDevice(
  addon: NativeAddon,
  adapter: Adapter,
  options: NativeDeviceOptions,
): Promise<Device> {
  const handle = await nativePromise(() => addon.open(adapter.id, options.options ?? {}));
  const device = new NativeDevice(addon, adapter, handle, options);
  openDevices.add(device);
  return device;
}

class NativeDevice implements Device {
  readonly memory: MemorySource;
  readonly lost: Promise<{ readonly reason: string }>;
  readonly #addon: NativeAddon;
  readonly #handle: Handle;
  readonly #generate: NativeDeviceOptions['generate'];
  readonly #queues: Queue[] = [];
  #closing: Promise<void> | undefined;

  constructor(
    addon: NativeAddon,
    readonly adapter: Adapter,
    handle: Handle,
    { granularity, isReachable = true, generate }: NativeDeviceOptions,
  ) {
    this.#addon = addon;
    this.#handle = handle;
    this.#generate = generate;
    this.memory = new NativeMemory(addon, handle, adapter.id, granularity, isReachable);
    this.lost = new Promise((resolve) => {
      addon.lost(handle).catch((error: unknown) => resolve({ reason: fromNativeError(error).details.found }));
    });
  }

  queue(kind: 'compute' | 'copy'): Queue {
    const queue = new NativeQueue(this.#addon, this.#addon.createQueue(this.#handle, kind));
    this.#queues.push(queue);
    return queue;
  }

  async compile(program: Program, tuning: readonly Configuration[]): Promise<Executable> {
    const encoded = await encodeProgram(program, tuning);
    if (!this.#generate)
      return new NativeExecutable(this.#addon, await nativePromise(() => this.#addon.compile(this.#handle, encoded)));
    // A generator may count on the rules of the contract.
    await nativePromise(() => this.#addon.check(encoded));
    const { kernels, choices } = await this.#generate(program, tuning, this.#handle);
    const data = await nativePromise(() => this.#addon.compile(this.#handle, encoded, encodeKernels(kernels)));
    return new NativeExecutable(this.#addon, data, choices);
  }

  close(): Promise<void> {
    this.#closing ??= this.#addon.close(this.#handle).then(() => {
      openDevices.delete(this);
    });
    return this.#closing;
  }
}
