import type { Operand, Step } from '@halyard/core';
import { resultLayouts, rowAxes } from '../../space/layouts.js';
import { type GroupSpace, groupSpace } from './group-space.js';

/** A step over groups of elements, said in the axes of its space. */
export interface RegroupedStep<Kind extends 'normalize' | 'reduce'> {
  readonly step: Step<Kind>;
  readonly space: GroupSpace;
  /** What is normalized or reduced. */
  readonly x: Operand;
}

export function regroup<Kind extends 'normalize' | 'reduce'>(step: Step<Kind>): RegroupedStep<Kind> {
  const operand = step.inputs[0]!;
  const { axes } = (step as Step<'normalize' | 'reduce'>).attributes;
  const space = groupSpace(operand, axes, resultLayouts(step, operand.shape.length), rowAxes(step.outputs));
  return {
    space,
    x: space.space.operand(operand),
    step: {
      ...step,
      outputs: step.outputs.map((target) => space.space.target(target)),
      ...(step.epilogue && { epilogue: space.space.expression(step.epilogue) }),
    },
  };
}
