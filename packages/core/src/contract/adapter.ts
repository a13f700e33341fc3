import type { ScalarOperator } from './expression.js';
import type { Tier } from './memory.js';
import type { Type } from './types.js';

/** One piece of hardware that a backend can open. Plain data: it can be saved, and compiled for on another machine. */
export interface Adapter {
  /** Stable on this machine: PCI address, SoC index, `cpu`. */
  readonly id: string;
  /** For people: `NVIDIA H200`. */
  readonly name: string;
  /** For caches: names all that compiled code and packed weights depend on. */
  readonly fingerprint: string;
  /** Key of the tuning tables: `sm_90`, `x86-avx2`. */
  readonly architecture: string;
  /** Whose table to use when ours has none; nearest first, same family. */
  readonly relatives: readonly string[];
  readonly computeUnits: number;
  readonly memory: readonly { readonly tier: Tier; readonly bytes: number; readonly bytesPerSecond?: number }[];
  /**
   * Connections to the host (`to: 'host'`) and to other adapters of this backend, by id. To memory of a device that is
   * named here `Queue.copy` goes directly; to any other core brings things through the host.
   */
  readonly links: readonly { readonly to: string; readonly bytesPerSecond: number }[];
  readonly types: readonly Type[];
  readonly scalarOperators: readonly ScalarOperator[];
  /** Composite steps that are taken whole. */
  readonly composites: readonly string[];
  readonly limits: AdapterLimits;
  /** Driver, runtime, compiler, instruction sets. */
  readonly versions: Readonly<Record<string, string>>;
  /** Higher is preferred. By custom: reference 0, CPU 100, GPUs from 1000. */
  readonly score: number;
  /** Of a small computation that was really run. An adapter whose proof is not ok is never chosen. */
  readonly proof: { readonly ok: boolean; readonly detail: string };
}

export interface AdapterLimits {
  /** Bytes; every binding and every workspace tensor starts at a multiple. */
  readonly alignment: number;
  /** The largest region that can be reserved. */
  readonly regionBytes: number;
  /** Inputs, outputs and expression inputs of one step together. */
  readonly operandsPerStep: number;
  readonly rank: number;
  /** Whether an output may share memory with an input that is read through the identical view. */
  readonly inPlace: boolean;
}
