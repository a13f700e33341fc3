import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HalyardError } from '@halyard/core';
import { buildFolder } from '@halyard/native';
import type { Toolkit } from '../toolkit/fetch-toolkit.js';
import type { TraceOptions } from '../trace/instruction-trace.js';
import { libraryWithoutSymbols } from './missing-symbols.js';

/** What CMake builds of native/driver; the same from src and from dist. */
const library = join(buildFolder(new URL('../..', import.meta.url)), 'driver', 'libcuda.so.1');

/** A GPU to simulate. What is left out is as on the best-known device of the architecture. */
export interface SimulatedGpu {
  /** One that `architectureModel` knows: `sm_70` to `sm_121`. */
  readonly architecture: string;
  readonly name?: string;
  readonly memoryBytes?: number;
  readonly multiprocessors?: number;
  readonly clockMegahertz?: number;
  readonly memoryClockMegahertz?: number;
  readonly memoryBusBits?: number;
}

/**
 * What is to go wrong. `nth` counts from 1 (1 if left out); it happens `times` in a row (1; 0 means for ever).
 *
 * - `allocation`: the n-th call that takes device memory is refused
 * - `creation`: the n-th call that takes or makes anything (memory, addresses, streams, events, modules, graphs,
 *   contexts) gives `result`, `CUDA_ERROR_OUT_OF_MEMORY` if left out
 * - `error`: the n-th call of `function` gives back `result` and does nothing
 * - `crash`: the process is killed by a signal within the n-th call of `function`
 * - `lost`: the n-th kernel does not run, or with `function` the n-th call of that; its device is gone from then on, and
 *   all its calls give `result`
 * - `launch`: the n-th kernel fails with `result`, and its context with it
 * - `hang`: the n-th kernel never ends, until its context is destroyed
 * - `missing-symbol`: the library has no such function, for the loader and for `cuGetProcAddress`
 */
export type SimulatedFault =
  | { readonly kind: 'allocation'; readonly nth?: number; readonly times?: number }
  | { readonly kind: 'creation'; readonly result?: string; readonly nth?: number; readonly times?: number }
  | {
      readonly kind: 'error';
      /** The symbol: `cuMemAlloc_v2`. */
      readonly function: string;
      /** `CUDA_ERROR_UNKNOWN` if left out. */
      readonly result?: string;
      readonly nth?: number;
      readonly times?: number;
    }
  | { readonly kind: 'crash'; readonly function: string; readonly nth?: number }
  | {
      readonly kind: 'lost';
      /** Kernels are counted where no function is named. */
      readonly function?: string;
      readonly nth?: number;
      readonly device?: number;
      readonly result?: string;
    }
  | {
      readonly kind: 'launch' | 'hang';
      readonly nth?: number;
      readonly times?: number;
      /** Counts the kernels of this device alone. */
      readonly device?: number;
      readonly result?: string;
    }
  | { readonly kind: 'missing-symbol'; readonly function: string };

export interface SimulatedEnvironmentOptions {
  /** One `sm_80` if left out; an empty list is a driver that finds no device. */
  readonly devices?: readonly SimulatedGpu[];
  readonly faults?: readonly SimulatedFault[];
  /**
   * A file with a list of faults as JSON, looked at before each call: as soon as it says something else than before,
   * that counts instead, and the report is written. For tests that let things fail one after another in one process.
   */
  readonly faultFile?: string;
  /** Pairs of devices, by number, that may read and write each other's memory; none if left out. */
  readonly peers?: readonly (readonly [number, number])[];
  /** As `cuDriverGetVersion` says it: 13000 (if left out), 12040. It knows no functions and no PTX that came later. */
  readonly driverVersion?: number;
  /** A folder: each process leaves what it did there, see `readReports`. */
  readonly report?: string;
  /** What is looked for; all if left out. */
  readonly checks?: { readonly races?: boolean; readonly initialized?: boolean; readonly order?: boolean };
  /** Whether sectors and bank conflicts are counted; true if left out. */
  readonly countMemory?: boolean;
  /** Kernels leave the instructions of chosen blocks in the report: all, or those of one name. Needs `countMemory`. */
  readonly trace?: TraceOptions & { readonly kernel?: string };
  /** Threads of the host that execute a kernel; all processors if left out. */
  readonly hostThreads?: number;
  /** Instructions after which a warp is taken to hang. */
  readonly instructionLimit?: number;
  /** Whose NVRTC the child finds on the loader's path. */
  readonly toolkit?: Toolkit;
}

/**
 * The environment variables that make a child process find the stand-in for NVIDIA's driver in place of the real one:
 * to be spread into its `env`, over the parent's.
 *
 * @throws HalyardError `simulator:not-built`
 */
export function simulatedEnvironment(options: SimulatedEnvironmentOptions = {}): Record<string, string> {
  const { toolkit, ...configuration } = options;
  if (!existsSync(library)) {
    throw new HalyardError('simulator:not-built', {
      found: `no ${library}`,
      expected: 'the stand-in for libcuda.so.1',
      remedy: 'Build the package: pnpm --filter @halyard/simulator build',
    });
  }
  const missing = (options.faults ?? []).flatMap((fault) => (fault.kind === 'missing-symbol' ? [fault.function] : []));
  const driver = missing.length > 0 ? libraryWithoutSymbols(library, missing) : library;
  const path = [dirname(driver), toolkit?.libraryFolder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
  return { LD_LIBRARY_PATH: path, HALYARD_SIMULATOR: JSON.stringify(configuration) };
}
