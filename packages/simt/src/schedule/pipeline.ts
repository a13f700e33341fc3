import { type ArchitectureModel, architectureModel } from './architectures.js';

/** Work of one step of a tiled loop. */
export interface LoopStep {
  /** Multiply-adds that a block does. */
  readonly multiplyAdds: number;
  readonly unit: 'tensor' | 'scalar';
  /** Bytes of shared memory that a step's tiles take. */
  readonly bytes: number;
  /** Of shared memory, at most, for one block. */
  readonly limit: number;
  readonly threads: number;
}

/**
 * How far loads into registers stand before their stores to shared memory: the multiplications of a whole step, those of
 * its parts but the last, or none.
 */
export const loadsAhead = ['step', 'part', 'none'] as const;
export type LoadsAhead = (typeof loadsAhead)[number];

/** In which order a tiled loop loads, multiplies and stores. */
export interface Pipeline {
  /** Tiles in shared memory: those in flight, and the one that is multiplied. */
  readonly stages: number;
  /** Fragments of the next part of a step are loaded while those at hand are multiplied. */
  readonly fragmentBuffers: 1 | 2;
  readonly loadsAhead: LoadsAhead;
  /** Why, in words. */
  readonly reason: string;
}

/**
 * Enough tiles in flight that the loads of the last are back when it is needed: the latency of memory over the cycles
 * that a step takes on the units that do it, shared by the blocks that fit beside each other. Without asynchronous
 * copies one tile is in flight in registers, a whole step long. Beside such copies registers are left to the sums: what
 * has to pass through them is asked for a part of a step ahead.
 */
export function planPipeline(architecture: string, step: LoopStep): Pipeline {
  const model = architectureModel(architecture);
  const cycles = stepCycles(model, step);
  const fragmentBuffers = step.unit === 'tensor' ? 2 : 1;
  if (!model.hasAsynchronousCopies) {
    return {
      stages: 2,
      fragmentBuffers,
      loadsAhead: 'step',
      reason: `no asynchronous copies: loads ${Math.round(cycles)} cycles of multiplications ahead of their stores, against ${model.latency.global} of latency`,
    };
  }
  const wanted = Math.ceil(model.latency.global / cycles) + 2;
  const fitting = Math.max(2, Math.floor(step.limit / step.bytes));
  const stages = Math.max(2, Math.min(wanted, fitting, greatestStages));
  return {
    stages,
    fragmentBuffers,
    loadsAhead: 'part',
    reason: `${stages} stages: ${model.latency.global} cycles of latency over ${Math.round(cycles)} of a step, and two`,
  };
}

/** More in flight would only take shared memory from other blocks. */
const greatestStages = 6;

const stepCycles = (model: ArchitectureModel, { multiplyAdds, unit }: LoopStep): number =>
  multiplyAdds / (unit === 'tensor' ? model.tensorMultiplyAdds : model.multiplyAdds);
