import { byteLength } from '../contract/index.js';
import { readsOf } from './accesses.js';
import { dependences } from './dependences.js';
import type { Module } from './module.js';

/** How many moves of single steps are tried after the greedy order, and how many in a row may fail. */
const mostMoves = 400;
const mostFailures = 32;

/**
 * Puts the steps into an order in which the fewest bytes of temporaries are live at once. Keeps every dependence, and
 * the given order unless another is better: first by a greedy choice, then by moving steps away from the peak.
 */
export function schedule(module: Module): Module {
  const problem = describe(module);
  const given = module.steps.map((_, at) => at);
  let best = given;
  let bestPeak = problem.peakOf(given);
  if (bestPeak <= problem.unavoidable) return module;
  const consider = (order: number[] | undefined): boolean => {
    if (!order) return false;
    const peak = problem.peakOf(order);
    if (peak >= bestPeak) return false;
    best = order;
    bestPeak = peak;
    return true;
  };
  consider(greedyOrder(problem, (cost) => cost.grown - cost.freed));
  consider(greedyOrder(problem, (cost) => (cost.freed > cost.grown ? -cost.freed : cost.grown)));
  for (
    let tried = 0, failed = 0;
    tried < mostMoves && failed < mostFailures && bestPeak > problem.unavoidable;
    tried++
  ) {
    const step = problem.peakStep(best) - (failed >> 1);
    if (step < 0) break;
    const isBetter = consider(moveStep(problem, best, step, failed % 2 === 0 ? 'later' : 'earlier'));
    failed = isBetter ? 0 : failed + 1;
  }
  return best === given ? module : { tensors: module.tensors, steps: best.map((at) => module.steps[at]!) };
}

/** The bytes of temporaries that are live at once, at most, in the order given. */
export function peakLiveBytes(module: Module): number {
  return describe(module).peakOf(module.steps.map((_, at) => at));
}

interface Cost {
  readonly grown: number;
  readonly freed: number;
}

interface Problem {
  readonly waitsFor: readonly (readonly number[])[];
  /** Bytes of each temporary, and the steps that touch it. */
  readonly buffers: readonly { readonly bytes: number; readonly users: readonly number[] }[];
  readonly buffersOf: readonly (readonly number[])[];
  /** What the most demanding step touches: no order goes below. */
  readonly unavoidable: number;
  readonly peakOf: (order: readonly number[]) => number;
  readonly peakStep: (order: readonly number[]) => number;
}

function describe(module: Module): Problem {
  const usersOf = new Map<number, Set<number>>();
  for (const [at, step] of module.steps.entries()) {
    for (const { tensor } of [...readsOf(step), ...step.outputs]) {
      if (module.tensors[tensor]!.origin.kind !== 'temporary') continue;
      usersOf.set(tensor, (usersOf.get(tensor) ?? new Set()).add(at));
    }
  }
  const buffers = [...usersOf].map(([tensor, users]) => ({
    bytes: byteLength(module.tensors[tensor]!.type, module.tensors[tensor]!.shape),
    users: [...users],
  }));
  const buffersOf: number[][] = module.steps.map(() => []);
  for (const [buffer, { users }] of buffers.entries()) for (const user of users) buffersOf[user]!.push(buffer);
  const touched = buffersOf.map((own) => own.reduce((sum, buffer) => sum + buffers[buffer]!.bytes, 0));

  const live = (order: readonly number[]): number[] => {
    const position = new Array<number>(order.length);
    for (const [at, step] of order.entries()) position[step] = at;
    const change = new Array<number>(order.length + 1).fill(0);
    for (const { bytes, users } of buffers) {
      const places = users.map((user) => position[user]!);
      change[Math.min(...places)]! += bytes;
      change[Math.max(...places) + 1]! -= bytes;
    }
    let sum = 0;
    return order.map((_, at) => (sum += change[at]!));
  };
  return {
    waitsFor: dependences(module.steps),
    buffers,
    buffersOf,
    unavoidable: Math.max(0, ...touched),
    peakOf: (order) => live(order).reduce((most, bytes) => Math.max(most, bytes), 0),
    peakStep: (order) => {
      const bytes = live(order);
      return bytes.indexOf(Math.max(...bytes));
    },
  };
}

/** Of the steps that are ready, always the one of least cost; the earlier one of equals. */
function greedyOrder(problem: Problem, costOf: (cost: Cost) => number): number[] {
  const { waitsFor, buffers, buffersOf } = problem;
  const open = waitsFor.map((own) => own.length);
  const followers: number[][] = waitsFor.map(() => []);
  for (const [step, own] of waitsFor.entries()) for (const earlier of own) followers[earlier]!.push(step);
  const remaining = buffers.map(({ users }) => users.length);
  const ready = new Set(open.flatMap((count, step) => (count === 0 ? [step] : [])));
  const order: number[] = [];
  while (ready.size > 0) {
    let chosen = -1;
    let least = Number.POSITIVE_INFINITY;
    for (const step of ready) {
      let grown = 0;
      let freed = 0;
      for (const buffer of buffersOf[step]!) {
        const { bytes, users } = buffers[buffer]!;
        if (remaining[buffer] === users.length) grown += bytes;
        if (remaining[buffer] === 1) freed += bytes;
      }
      const cost = costOf({ grown, freed });
      if (cost < least || (cost === least && step < chosen)) {
        chosen = step;
        least = cost;
      }
    }
    ready.delete(chosen);
    order.push(chosen);
    for (const buffer of buffersOf[chosen]!) remaining[buffer]!--;
    for (const follower of followers[chosen]!) if (--open[follower]! === 0) ready.add(follower);
  }
  return order;
}

/** The order with one step moved as far as its dependences let it; `undefined` if it cannot move. */
function moveStep(
  { waitsFor }: Problem,
  order: readonly number[],
  at: number,
  direction: 'later' | 'earlier',
): number[] | undefined {
  const step = order[at]!;
  let to = at;
  if (direction === 'later') {
    while (to + 1 < order.length && !waitsFor[order[to + 1]!]!.includes(step)) to++;
  } else {
    while (to > 0 && !waitsFor[step]!.includes(order[to - 1]!)) to--;
  }
  if (to === at) return undefined;
  const moved = order.filter((other) => other !== step);
  moved.splice(to, 0, step);
  return moved;
}
