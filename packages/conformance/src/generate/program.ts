import type { DataType, StepKind } from '@halyard/core';
import { ProgramBuilder, type ProgramCase } from './program-builder.js';
import { Random } from './random.js';
import { stepGenerators } from './steps.js';
import type { Workshop } from './views.js';

export interface GenerateOptions {
  /** What elements may be. Left out: every type that a step can write. */
  readonly types?: readonly DataType[];
  readonly kinds?: readonly StepKind[];
  /** The most steps of one program; 4 unless told. */
  readonly steps?: number;
}

/** What elements may be, float32 more often than others. */
export const elementTypes: readonly DataType[] = [
  ...(['float32', 'float32', 'float32', 'float16', 'bfloat16'] as const),
  ...(['int64', 'uint64', 'int32', 'uint32', 'int8', 'uint8'] as const),
];
const allKinds = Object.keys(stepGenerators) as StepKind[];

/**
 * A random program, the same for the same seed and options, with random contents of its inputs, constants and states.
 * It obeys the contract; steps read what earlier ones wrote, through views of all sorts.
 */
export function generateProgram(seed: number, options: GenerateOptions = {}): ProgramCase {
  const random = new Random(seed);
  const builder = new ProgramBuilder();
  const workshop: Workshop = {
    random,
    builder,
    types: options.types ?? elementTypes,
    flavour: random.chance(0.3) ? 'edge' : 'plain',
    filled: [],
  };
  const kinds = options.kinds ?? [...allKinds, 'map', 'map', 'matmul'];
  for (let i = random.integer(1, options.steps ?? 4); i > 0; i--) stepGenerators[random.pick(kinds)](workshop);
  return builder.finish(`program ${seed}`);
}
