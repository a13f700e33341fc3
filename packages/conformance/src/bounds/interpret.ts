import type { Program } from '@halyard/core';
import { createShadow } from './shadow.js';
import { runBounded } from './step.js';

/**
 * Runs a program by the reference interpreter, in place, and works out how far a device that obeys the contract may be
 * from it.
 *
 * @returns for each binding an error for each of its bytes, of which the first of every element counts
 */
export function interpretWithBounds(program: Program, bindings: readonly Uint8Array[]): readonly Float64Array[] {
  const shadow = createShadow(program, bindings, new Uint8Array(program.workspaceBytes));
  for (const step of program.steps) runBounded(shadow, step);
  return shadow.bindings;
}
