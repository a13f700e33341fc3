import {
  breathe,
  type Configuration,
  HalyardError,
  type KernelArgument,
  type KernelChoice,
  type KernelLaunch,
  type LaunchExtents,
  type Packed,
  type Program,
  type StepKind,
} from '@halyard/core';
import { dialectOf } from './dialect/index.js';
import type { GeneratedProgram } from './kernel/generated-program.js';
import { KernelModule } from './kernel/kernel-module.js';
import { type LibraryAnswer, productKernel } from './kernel/library-answer.js';
import { allotScratch } from './kernel/scratch.js';
import { generators } from './steps/registry.js';
import type { StepGenerator, StepKernels, StepLaunch, StepScene } from './steps/step-generator.js';
import type { Target } from './target/target.js';

/**
 * A program as device code and launches, for hardware that need not be here. Pure.
 *
 * @param tuning `tuning[i]` configures step i; left out or empty, the generators choose
 * @param library `library[i]` is what the vendor's library was found to make of step i, if it was asked
 * @throws HalyardError `unsupported` for a step of a kind that `supportsStep` refuses
 */
export function generateProgram(
  program: Program,
  target: Target,
  tuning: readonly Configuration[],
  library: readonly (LibraryAnswer | undefined)[] = [],
): GeneratedProgram {
  const steps = generation(program, target, tuning, library);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** As {@link generateProgram}, without holding the event loop for longer than a step takes. */
export async function generateProgramInTurns(
  program: Program,
  target: Target,
  tuning: readonly Configuration[],
  library: readonly (LibraryAnswer | undefined)[] = [],
): Promise<GeneratedProgram> {
  const steps = generation(program, target, tuning, library);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await breathe();
  }
}

/** Stops after each step. */
function* generation(
  program: Program,
  target: Target,
  tuning: readonly Configuration[],
  library: readonly (LibraryAnswer | undefined)[],
): Generator<undefined, GeneratedProgram> {
  const module = new KernelModule(dialectOf(target));
  const kernels: StepKernels[] = [];
  for (const [index, step] of program.steps.entries()) {
    const generator = generators[step.kind as StepKind] as StepGenerator<never> | undefined;
    if (!generator) throw unsupported(step.kind);
    const scene: StepScene = {
      target,
      tensors: program.tensors,
      tuning: tuning[index] ?? {},
      library: library[index],
    };
    kernels.push(generator.generate(scene, step as never));
    yield;
  }
  const scratch = allotScratch(
    kernels.map(({ scratchBytes = 0 }) => scratchBytes),
    program.steps.map(({ after }) => after),
  );
  const launches: KernelLaunch[] = [];
  const packed: Packed[] = [];
  const choices: KernelChoice[] = [];
  /** For each step the launches that end it; those that it waits for where it has none. */
  const ends: (readonly number[])[] = [];
  for (const [step, made] of kernels.entries()) {
    let after: readonly number[] = [...new Set(program.steps[step]!.after.flatMap((earlier) => ends[earlier]!))].sort(
      (a, b) => a - b,
    );
    const place = (argument: KernelArgument): KernelArgument => {
      if (argument.kind === 'scratch') return { ...argument, offset: argument.offset + scratch.offsets[step]! };
      if (argument.kind === 'packed') return { ...argument, packed: argument.packed + packed.length };
      return argument;
    };
    for (const launch of made.launches) {
      launches.push({ step, module: 0, ...print(launch, module, place), after });
      after = [launches.length - 1];
    }
    ends.push(after);
    packed.push(...(made.packed ?? []));
    choices.push({ step, ...made.choice });
    yield;
  }
  const modules = module.isEmpty ? [] : [{ source: module.print() }];
  return { modules, launches, scratchBytes: scratch.bytes, packed, choices };
}

function print(
  launch: StepLaunch,
  module: KernelModule,
  place: (argument: KernelArgument) => KernelArgument,
): Omit<KernelLaunch, 'step' | 'module' | 'after'> {
  if ('product' in launch) {
    const { product } = launch;
    const none: LaunchExtents = [1, 1, 1];
    return {
      kernel: productKernel,
      grid: none,
      block: none,
      dynamicSharedBytes: 0,
      arguments: launch.arguments.map(place),
      product,
    };
  }
  const { kernel, grid, block, dynamicSharedBytes = 0 } = launch;
  return { kernel: module.add(kernel), grid, block, dynamicSharedBytes, arguments: kernel.arguments.map(place) };
}

function unsupported(kind: string): HalyardError {
  return new HalyardError('unsupported', {
    found: `a step of kind ${kind}`,
    expected: Object.keys(generators).join(', '),
    remedy: 'Ask supportsStep first: core decomposes or places elsewhere what it refuses.',
  });
}
