import type { Program, Step, Version } from '../contract/index.js';

/**
 * What came with which minor of the contract; what is not listed was there from the start. Whoever adds a kind, an
 * attribute's value, a scalar operator or a type adds a line here, and no backend built before will be sent it.
 */
export const since: Readonly<Record<'kinds' | 'values' | 'operators' | 'types', Readonly<Record<string, number>>>> = {
  kinds: {},
  /** `kind.attribute=value`. */
  values: {},
  operators: {},
  types: {},
};

/** The lowest contract that covers all that is in a program. */
export function requiredVersion({ tensors, steps }: Pick<Program, 'tensors' | 'steps'>): Version {
  let minor = 0;
  const need = (table: keyof typeof since, name: string) => {
    minor = Math.max(minor, since[table][name] ?? 0);
  };
  for (const { type } of tensors) need('types', type);
  const visit = (step: Step): void => {
    need('kinds', step.kind);
    for (const [name, value] of Object.entries(step.attributes)) need('values', `${step.kind}.${name}=${value}`);
    for (const expression of [step.epilogue, ...step.inputs.map((operand) => operand?.prologue)]) {
      for (const { op } of expression?.body ?? []) need('operators', op);
    }
    for (const inner of step.body ?? []) visit(inner);
  };
  for (const step of steps) visit(step);
  return { major: 1, minor };
}
