import type { Expression, Operand, Target, View } from '@halyard/core';

/**
 * A step's shape with its axes in another order, some of them taken together and those of extent 1 left out. What is
 * said over the old axes (views, operands, expressions, targets) is said over the new ones.
 */
export class Regrouping {
  /** Of the new axes. */
  readonly shape: readonly number[];

  /**
   * @param from the old shape
   * @param groups for each new axis the old ones that it stands for, the fastest last
   */
  constructor(
    readonly from: readonly number[],
    readonly groups: readonly (readonly number[])[],
  ) {
    this.shape = groups.map((axes) => axes.reduce((product, axis) => product * from[axis]!, 1));
  }

  view<V extends View>(view: V): V {
    return {
      ...view,
      shape: this.groups.map((axes) => axes.reduce((product, axis) => product * view.shape[axis]!, 1)),
      strides: this.groups.map((axes) => {
        const fastest = axes.findLast((axis) => view.shape[axis] !== 1);
        return fastest === undefined ? 0 : view.strides[fastest]!;
      }),
    };
  }

  operand(operand: Operand): Operand {
    const { prologue, quantization } = operand;
    return {
      ...this.view(operand),
      ...(prologue && { prologue: this.expression(prologue) }),
      ...(quantization && {
        quantization: {
          // A block's scales are found by the operand's coordinates: only strides matter.
          scale: this.#strides(quantization.scale),
          ...(quantization.zeroPoint && { zeroPoint: this.#strides(quantization.zeroPoint) }),
          block: this.groups.map((axes) => quantization.block[axes.at(-1)!] ?? 1),
        },
      }),
    };
  }

  #strides(view: View): View {
    const strides = this.groups.map((axes) => view.strides[axes.at(-1)!]!);
    return { ...view, shape: this.shape, strides };
  }

  expression(expression: Expression): Expression {
    return {
      ...expression,
      inputs: expression.inputs.map((view) => this.view(view)),
      body: expression.body.map((instruction) => {
        if (instruction.op !== 'coordinate') return instruction;
        const axis = this.groups.findIndex((axes) => axes.includes(Number(instruction.value)));
        return axis < 0
          ? { op: 'constant', arguments: [], dataType: instruction.dataType, value: 0 }
          : { ...instruction, value: axis };
      }),
    };
  }

  target(target: Target): Target {
    const { rows } = target;
    const { tensor, offset, shape, strides } = this.view(target);
    if (!rows) return { tensor, offset, shape, strides };
    const axis = this.groups.findIndex((axes) => axes.includes(rows.axis));
    return { tensor, offset, shape, strides, rows: { axis, indices: rows.indices } };
  }
}
