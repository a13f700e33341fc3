import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { HalyardError } from '@halyard/core';
import { buildFolder } from '@halyard/native';
import type { LaunchResult } from './launch-result.js';

/** A kernel of a loaded module. */
export interface KernelDescription {
  readonly name: string;
  /** Of the buffer of parameters, in bytes. */
  readonly parameterBytes: number;
  readonly parameters: readonly { readonly offset: number; readonly bytes: number }[];
  readonly staticSharedBytes: number;
  /** Per thread. */
  readonly localBytes: number;
  /** Most 32-bit registers that are live at once, before any compiler's work. */
  readonly liveRegisters: number;
  /** 0 where the kernel does not limit them. */
  readonly maximumThreads: number;
}

/** How the addon's device looks from JavaScript. */
export interface AddonDevice {
  load(ptx: string): { id: number; kernels: KernelDescription[] };
  unload(id: number): void;
  allocate(bytes: number): bigint;
  free(address: bigint): void;
  write(address: bigint, data: Uint8Array): void;
  read(address: bigint, into: Uint8Array): void;
  findGlobal(id: number, name: string): { address: bigint; bytes: number } | null;
  launch(id: number, kernel: string, parameters: Uint8Array, options: object): Promise<LaunchResult>;
}

interface SimulatorAddon {
  readonly Device: new (options: object) => AddonDevice;
  opcodes(): string[];
  isUsable(): boolean;
  encodeTensorMap(options: object): Uint8Array;
}

const place = join(buildFolder(new URL('..', import.meta.url)), 'halyard_simulator.node');
let loaded: SimulatorAddon | undefined;

/** @throws HalyardError `simulator:not-built` or `unsupported` where this processor lacks AVX2 */
export function loadSimulatorAddon(): SimulatorAddon {
  if (loaded) return loaded;
  if (!existsSync(place)) {
    throw new HalyardError('simulator:not-built', {
      found: `no ${place}`,
      expected: 'the addon of @halyard/simulator',
      remedy: 'Run "npx --yes pnpm@10.34.8 build" in the clone',
    });
  }
  const addon = createRequire(import.meta.url)(place) as SimulatorAddon;
  if (!addon.isUsable()) {
    throw new HalyardError('unsupported', {
      found: 'a processor without AVX2 and FMA',
      expected: 'the instructions that the addon was compiled for',
      remedy: 'Build with -DHALYARD_SIMULATOR_INSTRUCTION_SET= for this processor',
    });
  }
  loaded = addon;
  return addon;
}
