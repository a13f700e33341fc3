import { type Program, type Step, typeLayouts, type View } from '../contract/index.js';
import { readsOf } from './accesses.js';
import type { StepExplanation } from './explain.js';
import type { Module, ModuleTensor } from './module.js';
import { elementCount } from './views.js';

/** The bytes that steps read and write: each view once for each step, what is broadcast counted once. */
export function bytesMoved({ tensors, steps }: Module): number {
  const bytesOf = ({ tensor, shape, strides }: View): number => {
    const { elements, bytes } = typeLayouts[tensors[tensor]!.type];
    return (elementCount(shape.filter((_, axis) => strides[axis] !== 0)) / elements) * bytes;
  };
  const written = (step: Step) =>
    step.outputs.map((target) => {
      const { rows } = target;
      if (!rows) return target;
      return {
        ...target,
        shape: target.shape.map((extent, at) => (at === rows.axis ? rows.indices.shape[0]! : extent)),
      };
    });
  const views = steps.flatMap((step) => [...readsOf(step), ...written(step)]);
  return Math.round(views.reduce((sum, view) => sum + bytesOf(view), 0));
}

/** The steps of a program in words. */
export function explainSteps(program: number, { tensors, steps }: Program): StepExplanation[] {
  return steps.map((step, at) => ({
    program,
    step: at,
    kind: step.kind,
    origin: step.origin,
    shapes: shapesOf(step, tensors),
  }));
}

function shapesOf(step: Step, tensors: readonly Pick<ModuleTensor, 'type'>[]): string {
  const text = (view: View) => `${tensors[view.tensor]!.type}[${view.shape.join(',')}]`;
  const inputs = step.inputs.flatMap((operand) => (operand ? [text(operand)] : []));
  return `${inputs.join(', ')} → ${step.outputs.map(text).join(', ')}`.trim();
}
