import type { DataType, Operand, Step } from '@halyard/core';
import { operandValue, storeResults } from '../../expression/index.js';
import { KernelWriter } from '../../kernel/kernel-writer.js';
import { decompose } from '../../space/decompose.js';
import { resultLayouts, rowAxes } from '../../space/layouts.js';
import { type GroupSpace, groupSpace } from '../groups/group-space.js';
import { operandType } from '../operand-type.js';
import type { StepScene } from '../step-generator.js';
import { keyName, keyOf } from './keys.js';

/** A sort over groups of elements, and what its kernels have in common. */
export class SortSpace {
  readonly space: GroupSpace;
  readonly step: Step<'sort'>;
  readonly x: Operand;
  readonly type: DataType;
  readonly isWide: boolean;

  constructor(
    readonly scene: StepScene,
    original: Step<'sort'>,
  ) {
    const operand = original.inputs[0]!;
    const layouts = resultLayouts(original, operand.shape.length);
    this.space = groupSpace(operand, [original.attributes.axis], layouts, rowAxes(original.outputs));
    const { space } = this.space;
    this.x = space.operand(operand);
    this.type = operandType(scene.tensors, operand);
    this.isWide = original.outputs[1] !== undefined && scene.tensors[original.outputs[1].tensor]!.type === 'int64';
    this.step = {
      ...original,
      outputs: original.outputs.map((target) => space.target(target)),
      ...(original.epilogue && { epilogue: space.expression(original.epilogue) }),
    };
  }

  get count(): number {
    return this.step.attributes.count;
  }

  get keyName(): string {
    return keyName(this.type);
  }

  writer(): KernelWriter {
    return new KernelWriter({ ...this.scene, written: this.step.outputs.map(({ tensor }) => tensor) });
  }

  /** The coordinates of the group that a block works on. */
  group(writer: KernelWriter): readonly string[] {
    return decompose(writer, writer.define('int', 'group', '(int)blockIdx.x'), this.space.kept);
  }

  #place(group: readonly string[], index: string): readonly string[] {
    return [...group, ...this.space.along.map(() => index)];
  }

  /** Writes the key of an element of a group to `to`: the last of all behind the group's end. */
  writeKey(writer: KernelWriter, group: readonly string[], index: string, to: string): void {
    writer.line(`${to} = ~(${this.keyName})0;`);
    writer.block(`if (${index} < ${this.space.size})`, () => {
      const value = operandValue(writer, this.x, this.#place(group, index));
      writer.line(`${to} = ${keyOf(writer, value, this.step.attributes.descending)};`);
    });
  }

  /** Stores the element `index` of a group as the one at `position` in order. */
  writeResult(writer: KernelWriter, group: readonly string[], index: string, position: string): void {
    const value = operandValue(writer, this.x, this.#place(group, index));
    const place = { code: this.isWide ? `(long long)${index}` : index, type: this.isWide ? 'int64' : 'int32' } as const;
    storeResults(writer, this.step, [value, place], this.#place(group, position));
  }
}
