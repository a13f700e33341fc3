import type { Step, Support } from '../contract/index.js';
import { decomposeAttention } from './ladder/attention.js';
import { decomposeNormalize } from './ladder/normalize.js';
import { decomposeGather, decomposeMatmul, decomposeReduce } from './ladder/others.js';
import { hasEpilogue, hasPrologue, rowsAsScatter, splitEpilogue, splitPrologues } from './ladder/parts.js';
import type { ModuleTensor } from './module.js';
import { kindChecks } from './validate/kinds.js';

/** What a device answers about a step whose tensors are those of the module. */
export type Supports = (step: Step) => Support;

export interface Decision {
  readonly step: string;
  readonly decision: string;
  readonly reason: string;
}

/** Steps that a device takes, or why it takes no form of them. */
export type Descent =
  | { readonly steps: readonly Step[]; readonly decisions: readonly Decision[] }
  | { readonly reason: string };

/**
 * Brings a step down to what a device takes: without its epilogue, without its prologues, decomposed into simpler
 * steps; each of those again. Temporaries that this takes are added to `tensors`.
 */
export function descend(step: Step, tensors: ModuleTensor[], supports: Supports): Descent {
  const answer = supports(step);
  if (answer === true) return { steps: [step], decisions: [] };
  for (const rung of rungs(answer.part)) {
    const before = tensors.length;
    const simpler = rung.apply(step, tensors);
    const descent = simpler && descendAll(simpler, tensors, supports);
    if (descent && 'steps' in descent) {
      const decision = { step: nameOf(step), decision: rung.decision, reason: answer.reason };
      return { steps: descent.steps, decisions: [decision, ...descent.decisions] };
    }
    tensors.length = before;
  }
  return { reason: answer.reason };
}

/** The step in simpler ones, whoever takes those; `undefined` where there is no way to say it. */
export function decomposeStep(step: Step, tensors: ModuleTensor[]): readonly Step[] | undefined {
  for (const { apply } of rungs('step')) {
    const simpler = apply(step, tensors);
    if (simpler) return simpler;
  }
  return undefined;
}

/** For people: kind and origin. */
export function nameOf(step: Step): string {
  return step.origin.length > 0 ? `${step.kind} (${step.origin.join(', ')})` : step.kind;
}

function descendAll(steps: readonly Step[], tensors: ModuleTensor[], supports: Supports): Descent {
  const taken: Step[] = [];
  const decisions: Decision[] = [];
  for (const step of steps) {
    const descent = descend(step, tensors, supports);
    if ('reason' in descent) return descent;
    taken.push(...descent.steps);
    decisions.push(...descent.decisions);
  }
  return { steps: taken, decisions };
}

interface Rung {
  readonly decision: string;
  readonly apply: (step: Step, tensors: ModuleTensor[]) => readonly Step[] | undefined;
}

const withoutEpilogue: Rung = {
  decision: 'epilogue split off as a map',
  apply: (step, tensors) =>
    hasEpilogue(step) && Object.hasOwn(kindChecks, step.kind) ? splitEpilogue(step, tensors) : undefined,
};

const withoutPrologues: Rung = {
  decision: 'prologue computed before as a map',
  apply: (step, tensors) => (hasPrologue(step) ? splitPrologues(step, tensors) : undefined),
};

const decomposed: Rung = {
  decision: 'decomposed into simpler steps',
  apply: (step, tensors) => {
    if (step.body) return step.body;
    if (hasEpilogue(step) || hasPrologue(step)) return undefined;
    if (step.kind === 'map') return rowsAsScatter(step, tensors);
    if (step.kind === 'attention') return decomposeAttention(step, tensors);
    if (step.kind === 'normalize') return decomposeNormalize(step, tensors);
    if (step.kind === 'matmul') return decomposeMatmul(step);
    if (step.kind === 'reduce') return decomposeReduce(step, tensors);
    return step.kind === 'gather' ? decomposeGather(step, tensors) : undefined;
  },
};

/** The refused part first; a whole step refused may still be one that is refused for a part of it. */
function rungs(part: 'step' | 'prologue' | 'epilogue'): readonly Rung[] {
  if (part === 'prologue') return [withoutPrologues, withoutEpilogue, decomposed];
  return [withoutEpilogue, withoutPrologues, decomposed];
}
