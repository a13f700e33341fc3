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

/** Multiply-adds of dense matrices that a multiprocessor does per clock, by `mma.sync`'s types; 0: it has none. */
export interface MatrixRates {
  readonly float16: number;
  readonly tfloat32: number;
  readonly int8: number;
  readonly float8: number;
  readonly float64: number;
}

/** What the roofline takes from a GPU of an architecture. */
export interface ArchitectureModel {
  readonly name: string;
  /** The board whose clocks, multiprocessors and bandwidth these are. */
  readonly board: string;
  readonly multiprocessors: number;
  readonly clockHz: number;
  /** Warp instructions that a multiprocessor issues per clock: one per scheduler. */
  readonly issuesPerClock: number;
  readonly rates: Rates;
  readonly matrixRates: MatrixRates;
  /** Wavefronts of shared memory per clock and multiprocessor, of 128 bytes each. */
  readonly sharedWavefrontsPerClock: number;
  /** Sectors of 32 bytes that a multiprocessor gets from the second-level cache per clock. */
  readonly sectorsPerClock: number;
  readonly memoryBytesPerSecond: number;
  /** Where the figures are from. */
  readonly sources: readonly string[];
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
