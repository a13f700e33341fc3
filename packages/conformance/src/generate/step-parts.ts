import { type DataType, type Operand, reference, type Step } from '@halyard/core';
import { randomExpression } from './expressions.js';
import { targetFor, viewOf, type Workshop } from './views.js';

/** The types that are floats; float32 where a backend has been limited to none. */
export const floatTypes = ({ types }: Workshop): readonly DataType[] => {
  const floats = types.filter(reference.isFloat);
  return floats.length > 0 ? floats : ['float32'];
};

/** A view with, sometimes, a prologue. */
export function operandOf(
  workshop: Workshop,
  type: DataType,
  shape: readonly number[],
): { operand: Operand; type: DataType } {
  const view = viewOf(workshop, type, shape);
  if (!workshop.random.chance(0.15)) return { operand: view, type };
  const { expression, types } = randomExpression(workshop, [type], shape, 1);
  // A prologue that changes the type would change what the step computes in.
  return types[0] === type ? { operand: { ...view, prologue: expression }, type } : { operand: view, type };
}

/** Adds a step with results of a type and shape: stored as they are, or through an epilogue. */
export function addStep(
  workshop: Workshop,
  step: Pick<Step, 'kind' | 'inputs' | 'attributes'>,
  results: readonly DataType[],
  shape: readonly number[],
  options: { readonly mayFuse?: boolean } = {},
): void {
  const { builder, random } = workshop;
  if ((options.mayFuse ?? true) && random.chance(0.3)) {
    const { expression, types } = randomExpression(workshop, results, shape, 1);
    builder.step({
      ...step,
      outputs: [targetFor(workshop, storedType(workshop, types[0]!), shape)],
      epilogue: expression,
    });
    return;
  }
  builder.step({ ...step, outputs: results.map((type) => targetFor(workshop, storedType(workshop, type), shape)) });
}

/** Floats may be stored narrower than they were computed. */
export function storedType(workshop: Workshop, type: DataType): DataType {
  return reference.isFloat(type) && workshop.random.chance(0.15) ? workshop.random.pick(floatTypes(workshop)) : type;
}
