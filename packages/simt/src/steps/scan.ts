import type { Operand, Step } from '@halyard/core';
import { laneValue, literal, operandLanes, storeResults, type Value, valueNames } from '../expression/index.js';
import { binaryCode } from '../expression/scalar.js';
import type { Helper } from '../kernel/helper.js';
import { KernelWriter } from '../kernel/kernel-writer.js';
import { resultLayouts, rowAxes } from '../space/layouts.js';
import {
  type Arrangement,
  blockOf,
  placeInGroup,
  powerOfTwo,
  threadsOf,
  writeGroupNames,
} from './groups/arrangement.js';
import { type GroupSpace, groupSpace, isRowWise } from './groups/group-space.js';
import { operandType } from './operand-type.js';
import { identity } from './reduce.js';
import type { StepGenerator } from './step-generator.js';

type Scan = Step<'scan'>;

const shuffleUp: Helper = {
  name: 'shuffle_up',
  text: ({ intrinsics }) => `
template <class T> __device__ __forceinline__ T shuffle_up(T value, int distance) {
  ${intrinsics.shuffleUp}
}`,
};

/** Elements that a thread takes one after another between two exchanges. */
const run = 4;

/**
 * Lines side by side in memory by one thread each; others by a block, which goes along the line a tile at a time: each
 * thread combines a few elements, a warp its threads by shuffles, a block its warps through shared memory.
 */
export const scanGenerator: StepGenerator<'scan'> = {
  generate(scene, original) {
    const operand = original.inputs[0]!;
    const space = groupSpace(
      operand,
      [original.attributes.axis],
      resultLayouts(original, operand.shape.length),
      rowAxes(original.outputs),
    );
    if (space.groups === 0 || space.size === 0) {
      return { launches: [], choice: { kernel: 'none', configuration: {}, reason: 'there are no elements' } };
    }
    const step: Scan = {
      ...original,
      outputs: original.outputs.map((target) => space.space.target(target)),
      ...(original.epilogue && { epilogue: space.space.expression(original.epilogue) }),
    };
    const x = space.space.operand(operand);
    const writer = new KernelWriter({ ...scene, written: step.outputs.map(({ tensor }) => tensor) });
    const isShort = space.size <= 32 || (!isRowWise(x, space) && space.groups >= 1024);
    const along = isShort ? 1 : Math.min(Math.max(powerOfTwo(space.size / run), scene.target.warpSize), 256);
    const arrangement: Arrangement = isShort
      ? { form: 'column', along: 1, beside: 128, width: 1 }
      : { form: 'row', along, beside: 1, width: 1 };
    new ScanWriter(writer, step, space, x, arrangement).write();
    return {
      launches: [
        {
          kernel: writer.finish('scan', threadsOf(arrangement)),
          grid: [Math.ceil(space.groups / arrangement.beside), 1, 1],
          block: blockOf(arrangement),
        },
      ],
      choice: {
        kernel: isShort ? 'scan-by-thread' : 'scan-by-block',
        configuration: { along, beside: arrangement.beside },
        reason: isShort ? 'each line has a thread of its own' : `${along} threads share each line`,
      },
    };
  },
};

class ScanWriter {
  readonly #operate: (x: string, y: string) => string;
  readonly #type: string;
  readonly #none: string;
  readonly #dataType: Value['type'];

  constructor(
    readonly writer: KernelWriter,
    readonly step: Scan,
    readonly space: GroupSpace,
    readonly x: Operand,
    readonly arrangement: Arrangement,
  ) {
    const { combine } = step.attributes;
    const type = operandType(writer.scene.tensors, x);
    const op = { sum: 'add', product: 'mul', min: 'min', max: 'max' }[combine];
    this.#dataType = type;
    this.#operate = (a, b) => binaryCode(writer, op, type, a, b);
    this.#type = valueNames[type];
    this.#none = literal(identity(combine, type), type);
  }

  write(): void {
    const { writer, space, arrangement } = this;
    const names = writeGroupNames(writer, space, arrangement);
    const { size } = space;
    const place = (index: string) =>
      placeInGroup(writer, space, names, writer.define('int', 'i', this.#position(index)), 1);
    const load = (index: string) => laneValue(operandLanes(writer, this.x, place(index)), '0').code;
    const store = (index: string, code: string) => {
      writer.block(`if (${names.isActive})`, () =>
        storeResults(writer, this.step, [{ code, type: this.#dataType }], place(index).coordinates),
      );
    };
    writer.line(`${this.#type} running = ${this.#none};`);
    if (arrangement.along === 1) {
      writer.block(`for (int at = 0; at < ${size}; ++at)`, () => {
        const next = writer.define(this.#type, 'next', this.#operate('running', load('at')));
        store('at', this.step.attributes.exclusive ? 'running' : next);
        writer.line(`running = ${next};`);
      });
      return;
    }
    this.#writeTiles(names.thread, load, store);
  }

  #writeTiles(thread: string, load: (index: string) => string, store: (index: string, code: string) => void): void {
    const { writer, space, arrangement } = this;
    const warp = writer.scene.target.warpSize;
    const warps = arrangement.along / warp;
    const type = this.#type;
    const combined = (to: string, x: string, y: string) => `${to} = ${this.#operate(x, y)};`;
    writer.need(shuffleUp);
    writer.line(`__shared__ ${type} totals[${warps}];`);
    writer.block(`for (int tile = 0; tile < ${space.size}; tile += ${arrangement.along * run})`, () => {
      const first = writer.define('int', 'first', `tile + ${thread} * ${run}`);
      writer.line(`${type} held[${run}];`, `${type} own = ${this.#none};`);
      writer.loop('k', run, () => {
        writer.line(`held[k] = ${this.#none};`);
        writer.block(`if (${first} + k < ${space.size})`, () => writer.line(`held[k] = ${load(`${first} + k`)};`));
        writer.line(combined('own', 'own', 'held[k]'));
      });
      writer.line(`const int lane = ${thread} % ${warp};`, `${type} upto = own;`);
      writer.line('#pragma unroll');
      writer.block(`for (int distance = 1; distance < ${warp}; distance *= 2)`, () => {
        writer.line(`const ${type} lower = shuffle_up(upto, distance);`);
        writer.line(`if (lane >= distance) ${combined('upto', 'lower', 'upto')}`);
      });
      writer.line(`${type} before = shuffle_up(upto, 1);`, `if (lane == 0) before = ${this.#none};`);
      writer.line(
        '__syncthreads();',
        `if (lane == ${warp - 1}) totals[${thread} / ${warp}] = upto;`,
        '__syncthreads();',
      );
      writer.line(`${type} prefix = running;`);
      writer.loop('other', warps, () => {
        writer.line(`if (other < ${thread} / ${warp}) ${combined('prefix', 'prefix', 'totals[other]')}`);
        writer.line(combined('running', 'running', 'totals[other]'));
      });
      writer.line(combined('prefix', 'prefix', 'before'));
      writer.loop('k', run, () => {
        writer.line(`const ${type} next = ${this.#operate('prefix', 'held[k]')};`);
        writer.block(`if (${first} + k < ${space.size})`, () =>
          store(`${first} + k`, this.step.attributes.exclusive ? 'prefix' : 'next'),
        );
        writer.line('prefix = next;');
      });
    });
  }

  /** The element that is the so-manieth on the way. */
  #position(index: string): string {
    return this.step.attributes.reversed ? `${this.space.size - 1} - (${index})` : index;
  }
}
