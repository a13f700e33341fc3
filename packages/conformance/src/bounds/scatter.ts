import { reference, type Step } from '@halyard/core';
import { type Bounded, unitInLastPlace } from './bounded.js';
import type { Shadow } from './shadow.js';

/**
 * Errors of a scatter: called before the step runs, it gives what to do once it has. Where nothing is uncertain and
 * nothing is added or multiplied in floats, results are exact; else each element of the output carries the errors of
 * what it held and of all updates, any of which may have come to it.
 */
export function scatterErrors(
  shadow: Shadow,
  step: Step<'scatter'>,
  [indices, updates]: readonly Bounded[],
): () => void {
  const target = step.outputs[0]!;
  const { combine } = step.attributes;
  const type = reference.readType(shadow.memory.tensors[target.tensor]!.type);
  const before = shadow.errors(target);
  const carried = [...before, ...updates!.errors].reduce((most, error) => Math.max(most, error), 0);
  const isRounded = reference.isFloat(type) && (combine === 'add' || combine === 'mul');
  const isUncertain = indices!.errors.some((error) => error !== 0) || (combine === 'mul' && carried > 0);
  if (!isUncertain && !isRounded && carried === 0) return () => {};
  const magnitudes = [...Array.from(updates!.values, Number)].reduce((sum, value) => sum + Math.abs(value), 0);
  const held = reference.readView(shadow.memory, target, 0, before.length).column;
  const isSpecial = !Number.isFinite(magnitudes);
  return () => {
    const count = updates!.values.length;
    const after = reference.readView(shadow.memory, target, 0, before.length).column;
    const errors = before.map((own, i) => {
      const stored = Math.abs(Number(after[i]));
      if (isUncertain) return Infinity;
      if (Object.is(held[i], after[i]) && combine !== 'add') return Math.max(own, combine === 'replace' ? carried : 0);
      if (!isRounded) return carried;
      if (!Number.isFinite(stored)) return carried === 0 ? 0 : Infinity;
      if (combine === 'mul')
        return isSpecial
          ? Infinity
          : count * unitInLastPlace(Math.max(stored, 1), type) * Math.max(stored, magnitudes, 1);
      const reach = isSpecial ? stored : Math.abs(Number(held[i])) + magnitudes;
      return own + count * (carried + unitInLastPlace(reach + carried * count, type) / 2);
    });
    shadow.store(target, errors, target.shape);
  };
}
