import type { Step } from '../../contract/index.js';
import { badProgram } from '../failures.js';
import type { Memory } from '../memory.js';
import { readOperand } from '../operand.js';
import { storeSlices, targetShape } from '../store.js';

/** An expression at each element. */
export function* map(memory: Memory, step: Step<'map'>): Generator<void> {
  if (!step.epilogue) throw badProgram('a map without an epilogue', 'an epilogue: it says what a map computes');
  if (step.inputs.includes(null)) throw badProgram('a map whose input is left out', 'no null among its inputs');
  yield* storeSlices(memory, step, targetShape(step.outputs[0]!), (start, length) =>
    step.inputs.map((operand) => readOperand(memory, operand!, start, length)),
  );
}
