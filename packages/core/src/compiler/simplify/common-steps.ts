import type { Step } from '../../contract/index.js';
import { plainView, readsOf, withTensors } from '../accesses.js';
import { canonicalText } from '../canonical-text.js';
import type { Module } from '../module.js';
import { isWhole } from '../views.js';

/**
 * Equal constants become one tensor, and of steps that compute the same from the same only the first stays. A step that
 * reads a state counts as the same only while nobody has written that state in between.
 */
export function mergeCommonSteps(module: Module): Module {
  const replacement = new Map<number, number>(commonConstants(module));
  const known = new Map<string, KnownStep[]>();
  const writes = new Map<number, number>();
  const writers = new Map<number, number>();
  for (const { outputs } of module.steps) {
    for (const { tensor } of outputs) writers.set(tensor, (writers.get(tensor) ?? 0) + 1);
  }
  const steps: Step[] = [];
  for (const original of module.steps) {
    const isMoved = readsOf(original).some(({ tensor }) => replacement.has(tensor)) || original.body !== undefined;
    const step = isMoved ? withTensors(original, (tensor) => replacement.get(tensor) ?? tensor) : original;
    const isMergeable = step.outputs.every(
      (target) =>
        !target.rows &&
        writers.get(target.tensor) === 1 &&
        module.tensors[target.tensor]!.origin.kind === 'temporary' &&
        isWhole(target, module.tensors[target.tensor]!.shape),
    );
    if (isMergeable && step.kind !== 'scatter') {
      const reads = roughKeyOf(step, writes);
      const alike = known.get(reads) ?? [];
      const text = alike.length > 0 ? textOf(module, step) : undefined;
      const same = alike.find((other) => (other.text ??= textOf(module, other.step)) === text)?.step;
      if (same) {
        for (const [at, { tensor }] of step.outputs.entries()) replacement.set(tensor, same.outputs[at]!.tensor);
        continue;
      }
      alike.push({ step, text });
      known.set(reads, alike);
    }
    for (const { tensor } of step.outputs) writes.set(tensor, (writes.get(tensor) ?? 0) + 1);
    steps.push(step);
  }
  return { tensors: module.tensors, steps };
}

interface KnownStep {
  readonly step: Step;
  /** Written once it is needed: few steps read what another reads. */
  text: string | undefined;
}

/** The kind and what is read, with the number of writes so far standing for what a tensor holds. */
function roughKeyOf(step: Step, writes: ReadonlyMap<number, number>): string {
  let key = step.kind;
  for (const { tensor } of readsOf(step)) key += ` ${tensor}:${writes.get(tensor) ?? 0}`;
  return key;
}

/** All that the results depend on beside that. */
function textOf(module: Module, step: Step): string {
  const outputs = step.outputs.map((target) => {
    const { type, shape } = module.tensors[target.tensor]!;
    return [type, shape, { ...plainView(target), tensor: 0 }];
  });
  return canonicalText([step.inputs, step.attributes, step.epilogue, step.body, outputs]);
}

function commonConstants(module: Module): Map<number, number> {
  const first = new Map<string, number>();
  const replacement = new Map<number, number>();
  for (const [index, { type, shape, origin }] of module.tensors.entries()) {
    if (origin.kind !== 'constant') continue;
    const key = `${origin.source.fingerprint} ${type} ${shape.join(',')}`;
    const known = first.get(key);
    if (known === undefined) first.set(key, index);
    else replacement.set(index, known);
  }
  return replacement;
}
