import { HalyardError } from '@halyard/core';
import { architectures } from './table.js';

/** Operations of lanes that a multiprocessor begins per clock. */
export interface Rates {
  readonly float32: number;
  readonly float64: number;
  /** f16 and bf16, in values: a pair counts twice, as the instruction does two. */
  readonly float16: number;
  readonly integer: number;
  readonly special: number;
  readonly conversion: number;
}

/**
 * Multiply-adds of dense matrices that a multiprocessor does per clock at its peak, by operand type, with float32 sums
 * of float16 and float8; 0: it has none.
 */
export interface MatrixRates {
  readonly float16: number;
  readonly tfloat32: number;
  readonly int8: number;
  readonly float8: number;
  readonly float64: number;
}

/** Clocks from the issue of an instruction to that of one that reads its result. */
export interface Latencies {
  /** Integers and float32. */
  readonly arithmetic: number;
  readonly float16: number;
  readonly float64: number;
  /** Special functions and conversions. */
  readonly special: number;
  /** Of matrix units, beyond the clocks for which they take in an instruction. */
  readonly matrix: number;
  /** Shared memory, `ldmatrix`, shuffles. */
  readonly shared: number;
  /** Parameters and constant memory. */
  readonly constant: number;
  /** Of a hit in the first-level cache: local memory. */
  readonly local: number;
  /** Of memory, caches missed. */
  readonly global: number;
  /** Behind the last arrival at a barrier. */
  readonly barrier: number;
}

/** What blocks share on a multiprocessor. */
export interface Residency {
  readonly threads: number;
  readonly blocks: number;
  /** 32 bits each. */
  readonly registers: number;
  readonly sharedBytes: number;
  /** Shared memory is given to blocks by so many bytes. */
  readonly sharedUnitBytes: number;
  /** The system's own, for each block. */
  readonly reservedSharedBytes: number;
}

/** What rooflines and the issue model take from a GPU of an architecture. */
export interface ArchitectureModel {
  readonly name: string;
  /** The board whose clocks, multiprocessors and bandwidth these are. */
  readonly board: string;
  readonly multiprocessors: number;
  readonly clockHz: number;
  /** Of a multiprocessor; each issues one warp instruction per clock. */
  readonly schedulers: number;
  readonly rates: Rates;
  readonly matrixRates: MatrixRates;
  /** The part of the matrix peak that `mma.sync` reaches; the rest is for `wgmma` and `tcgen05` alone. */
  readonly warpMatrixShare: number;
  readonly latencies: Latencies;
  readonly residency: Residency;
  /** Wavefronts of shared memory per clock and multiprocessor, of 128 bytes each. */
  readonly sharedWavefrontsPerClock: number;
  /** How far the queue of memory instructions reaches ahead of shared memory, in clocks of that. */
  readonly memoryQueueClocks: number;
  /** Sectors of 32 bytes that a multiprocessor gets from the second-level cache per clock while all do. */
  readonly sectorsPerClock: number;
  /** Sectors that come into a multiprocessor per clock at most, whoever asked for them. */
  readonly portSectorsPerClock: number;
  readonly memoryBytesPerSecond: number;
  /** Where the figures are from: documents in which they were found. */
  readonly sources: readonly string[];
  /** Which figures were found in no document, and what they are instead. */
  readonly unconfirmed: readonly string[];
}

/** @throws HalyardError `bad-argument` for an architecture that the table has not */
export function architectureModel(name: string): ArchitectureModel {
  const model = architectures[name.replace(/[af]$/, '')];
  if (!model) {
    throw new HalyardError('bad-argument', {
      found: `architecture ${name}`,
      expected: `one of ${Object.keys(architectures).join(', ')}`,
      remedy: 'Name one of these',
    });
  }
  return model;
}
