import type { Step, StepKind } from '../contract/index.js';
import { badProgram } from './failures.js';
import { attention } from './kinds/attention.js';
import { gather } from './kinds/gather.js';
import { map } from './kinds/map.js';
import { matmul } from './kinds/matmul.js';
import { normalize } from './kinds/normalize.js';
import { reduce } from './kinds/reduce.js';
import { scan } from './kinds/scan.js';
import { scatter } from './kinds/scatter.js';
import { sort } from './kinds/sort.js';
import type { Memory } from './memory.js';

type Interpreter = (memory: Memory, step: never) => Generator<void>;

const interpreters: Readonly<Record<StepKind, Interpreter>> = {
  map,
  reduce,
  normalize,
  matmul,
  attention,
  gather,
  scatter,
  scan,
  sort,
};

/** All kinds that run without a body. */
export const stepKinds = Object.keys(interpreters) as readonly StepKind[];

/**
 * Runs one step, pausing every few milliseconds of work. A kind that is not known runs by its body, which says all
 * that the composite does, prologues and epilogue included.
 *
 * @throws HalyardError `bad-program`, `unsupported`
 */
export function* runStep(memory: Memory, step: Step): Generator<void> {
  const interpreter = interpreters[step.kind as StepKind];
  if (interpreter) {
    yield* interpreter(memory, step as never);
    return;
  }
  if (!step.body) {
    throw badProgram(`a step of kind ${step.kind} without a body`, `a body, or one of ${stepKinds.join(', ')}`);
  }
  for (const inner of step.body) yield* runStep(memory, inner);
}
