import type { Expression, Operand, Step, Target, View } from '../contract/index.js';

/*
 * What a step touches. Everything that reasons about order, aliasing or traffic goes through here, so that no view is
 * ever forgotten: operands, their prologues and quantization, expression inputs, the indices of rows.
 */

/** Every view that the step reads, each as often as it occurs. A composite's body is not looked into. */
export function readsOf(step: Step): View[] {
  const reads: View[] = [];
  for (const operand of step.inputs) {
    if (!operand) continue;
    reads.push(operand);
    if (operand.prologue) reads.push(...operand.prologue.inputs);
    if (operand.quantization) {
      reads.push(operand.quantization.scale);
      if (operand.quantization.zeroPoint) reads.push(operand.quantization.zeroPoint);
    }
  }
  if (step.epilogue) reads.push(...step.epilogue.inputs);
  for (const target of step.outputs) if (target.rows) reads.push(target.rows.indices);
  return reads;
}

/** The views of the step that are read element by element at the index of the result that is being made. */
export function elementwiseReadsOf(step: Step): View[] {
  const reads: View[] = [...(step.epilogue?.inputs ?? [])];
  if (step.kind !== 'map') return reads;
  for (const operand of step.inputs) if (operand) reads.push(operand, ...(operand.prologue?.inputs ?? []));
  return reads;
}

/** Every view that the step writes. With `rows`, any slice of the view may be the one that is written. */
export function writesOf(step: Step): readonly Target[] {
  return step.outputs;
}

/** The step with each of its views, read or written, replaced. */
export function withViews(step: Step, replace: (view: View, role: 'read' | 'write') => View): Step {
  const read = (view: View) => replace(view, 'read');
  const expression = (old: Expression): Expression => ({ ...old, inputs: old.inputs.map(read) });
  const operand = (old: Operand): Operand => ({
    ...read(old),
    ...(old.prologue && { prologue: expression(old.prologue) }),
    ...(old.quantization && {
      quantization: {
        ...old.quantization,
        scale: read(old.quantization.scale),
        ...(old.quantization.zeroPoint && { zeroPoint: read(old.quantization.zeroPoint) }),
      },
    }),
  });
  const target = (old: Target): Target => ({
    ...replace(old, 'write'),
    ...(old.rows && { rows: { axis: old.rows.axis, indices: read(old.rows.indices) } }),
  });
  return {
    ...step,
    inputs: step.inputs.map((old) => old && operand(old)),
    outputs: step.outputs.map(target),
    ...(step.epilogue && { epilogue: expression(step.epilogue) }),
    ...(step.body && { body: step.body.map((inner) => withViews(inner, replace)) }),
  };
}

/** The step with tensor numbers replaced. */
export function withTensors(step: Step, replace: (tensor: number) => number): Step {
  return withViews(step, (view) => ({ ...plainView(view), tensor: replace(view.tensor) }));
}

/** A view without what an operand or target adds to it. */
export function plainView(view: View): View {
  return { tensor: view.tensor, offset: view.offset, shape: view.shape, strides: view.strides };
}

/** The shape over which a step's epilogue runs: that of its results. `rows` make a target's own shape another. */
export function resultShape(step: Step, output = 0): readonly number[] {
  const target = step.outputs[output]!;
  if (!target.rows) return target.shape;
  const { axis, indices } = target.rows;
  return target.shape.map((extent, at) => (at === axis ? indices.shape[0]! : extent));
}
