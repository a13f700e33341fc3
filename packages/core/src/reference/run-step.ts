import type { Step, StepKind } from '../contract/index.js';
import type { Dense } from './column.js';
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
import { loadOperand } from './operand.js';
import { storeResults } from './store.js';

type Calculation = (memory: Memory, step: never) => Generator<void, Dense[]>;

/** The kinds whose results are complete before the first is stored. */
const calculations: Readonly<Record<Exclude<StepKind, 'map' | 'scatter'>, Calculation>> = {
  reduce,
  normalize,
  matmul,
  attention,
  gather,
  scan,
  sort,
};

/** All kinds that run without a body. */
export const stepKinds = ['map', 'scatter', ...Object.keys(calculations)] as readonly StepKind[];

/**
 * Runs one step, pausing every few milliseconds of work. A kind that is not known runs by its body, which says all
 * that the composite does, prologues and epilogue included.
 *
 * @throws HalyardError `bad-program`, `unsupported`
 */
export function* runStep(memory: Memory, step: Step): Generator<void> {
  if (step.kind === 'map') {
    yield* map(memory, step as Step<'map'>);
  } else if (step.kind === 'scatter') {
    yield* scatter(memory, step as Step<'scatter'>);
  } else if (step.kind in calculations) {
    const results = yield* calculations[step.kind as keyof typeof calculations](memory, step as never);
    yield* store(memory, step, results);
  } else if (step.body) {
    for (const inner of step.body) yield* runStep(memory, inner);
  } else {
    throw badProgram(`a step of kind ${step.kind} without a body`, `a body, or one of ${stepKinds.join(', ')}`);
  }
}

function* store(memory: Memory, step: Step, results: readonly Dense[]): Generator<void> {
  if (step.kind !== 'attention') {
    yield* storeResults(memory, step, results);
    return;
  }
  // The second output, the sum of each row, has a shape of its own and is stored as it is.
  const { epilogue: _, ...plain } = step;
  yield* storeResults(memory, { ...step, outputs: step.outputs.slice(0, 1) }, results.slice(0, 1));
  if (results[1]) yield* storeResults(memory, { ...plain, outputs: step.outputs.slice(1) }, [results[1]]);
}

/**
 * The results of a step before its epilogue, in double; of a map its operands. Nothing is stored. Not for scatter, or
 * composites.
 */
export function stepResults(memory: Memory, step: Step): Dense[] {
  if (step.kind === 'map') return step.inputs.map((operand) => drain(loadOperand(memory, operand!)));
  return drain(calculations[step.kind as keyof typeof calculations](memory, step as never));
}

function drain<Result>(work: Generator<void, Result>): Result {
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
  }
}
