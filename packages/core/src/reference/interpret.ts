import type { Program, Step, Tensor } from '../contract/index.js';
import { programMemory } from './memory.js';
import { runStep } from './run-step.js';

/**
 * Runs a program exactly: in double, rounded at stores and casts, and integers wrapped. `multiply` of matmul and
 * attention is not looked at: this is the result that whatever it allows approximates.
 *
 * @param bindings the bytes of each binding; outputs and states are written in place
 * @param workspace at least `program.workspaceBytes`
 * @throws HalyardError `bad-program` for a program that breaks the contract, `unsupported` for a type it cannot write
 */
export function interpret(program: Program, bindings: readonly Uint8Array[], workspace: Uint8Array): void {
  for (const _ of interpretInSlices(program, bindings, workspace));
}

/** As {@link interpret}, pausing every few milliseconds of work. */
export function* interpretInSlices(
  program: Program,
  bindings: readonly Uint8Array[],
  workspace: Uint8Array,
): Generator<void> {
  const memory = programMemory(program, bindings, workspace);
  for (const step of program.steps) yield* runStep(memory, step);
}

/**
 * Runs steps over tensors that each have bytes of their own, as a module's do: for folding constants.
 *
 * @param bytes of each tensor that the steps read or write, by index; outputs are written in place
 * @throws HalyardError as {@link interpret}
 */
export function evaluate(
  tensors: readonly Pick<Tensor, 'type' | 'shape'>[],
  steps: readonly Step[],
  bytes: (tensor: number) => Uint8Array,
): void {
  const located = tensors.map(({ type, shape }, index): Tensor => ({ type, shape, at: { binding: index }, offset: 0 }));
  for (const step of steps) {
    for (const _ of runStep({ tensors: located, bytes }, step));
  }
}
