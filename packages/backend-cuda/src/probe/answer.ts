import type { Refusal } from '@halyard/core';

/** What the addon's `probe` tells, as native/addon/probe_function.cpp writes it. Plain data. */
export interface ProbeAnswer {
  /** 12040 for CUDA 12.4. */
  readonly driverVersion: number;
  /** Of the driver as a whole. */
  readonly refusal?: Refusal;
  readonly compilers: readonly FoundCompiler[];
  /** Up to the first that can be used. */
  readonly productLibraries: readonly FoundProductLibrary[];
  readonly devices: readonly FoundDevice[];
}

export interface FoundCompiler {
  readonly path: string;
  /** Empty if it loaded. */
  readonly failure: string;
  readonly version: number;
  readonly architectures: readonly number[];
}

/** A cuBLASLt. */
export interface FoundProductLibrary {
  readonly path: string;
  /** `12.9.1`; empty where it did not load. */
  readonly version: string;
  /** Why it cannot be used; empty where it can. */
  readonly failure: string;
}

export interface FoundDevice {
  readonly number: number;
  readonly name: string;
  /** `0000:65:00.0` */
  readonly busId: string;
  readonly uuid: string;
  readonly memoryBytes: number;
  /** 80 for sm_80. */
  readonly architecture: number;
  readonly multiprocessors: number;
  readonly threadsPerBlock: number;
  readonly threadsPerMultiprocessor: number;
  readonly warpSize: number;
  /** The most that a kernel may ask for. */
  readonly sharedBytesPerBlock: number;
  readonly sharedBytesPerMultiprocessor: number;
  readonly registersPerMultiprocessor: number;
  readonly clockKilohertz: number;
  readonly memoryClockKilohertz: number;
  readonly memoryBusBits: number;
  readonly l2CacheBytes: number;
  readonly hasVirtualMemory: boolean;
  readonly hasMemoryPools: boolean;
  /** Numbers of devices whose memory it reads and writes directly. */
  readonly peers: readonly number[];
  /** Index in `compilers` of the one to use; −1 where none knows the architecture. */
  readonly compiler: number;
  readonly proofOk: boolean;
  readonly proofDetail: string;
  readonly refusal?: Refusal;
}
