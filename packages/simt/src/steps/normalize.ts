import { byteLength, type Operand, type Step } from '@halyard/core';
import { convert, floatLiteral, laneValue, operandLanes, type Place, storeLanes } from '../expression/index.js';
import { KernelWriter } from '../kernel/kernel-writer.js';
import { planLoads } from '../schedule/index.js';
import { powerFrom } from './configuration.js';
import {
  type Arrangement,
  blockOf,
  type GroupNames,
  placeInGroup,
  powerOfTwo,
  threadsOf,
  widthAlong,
  writeGroupNames,
} from './groups/arrangement.js';
import { writeAny, writeCombine } from './groups/combine.js';
import { type GroupSpace, isRowWise } from './groups/group-space.js';
import { regroup } from './groups/regrouped-step.js';
import { states } from './groups/states.js';
import type { StepGenerator, StepScene } from './step-generator.js';

type Normalize = Step<'normalize'>;

/** Threads of a block: with more, those elements and what is done to them would not stay in registers. */
const greatestThreads = 512;
/** Elements that a thread holds in registers. */
const greatestHeld = 32;

/**
 * Each group is read once and held in registers, or, where it is too long for that, read again for each pass. Sums are
 * taken in float; where they leave its range, again in double.
 */
export const normalizeGenerator: StepGenerator<'normalize'> = {
  generate(scene, original) {
    const { step, space, x } = regroup(original);
    if (space.groups === 0 || space.size === 0) {
      return { launches: [], choice: { kernel: 'none', configuration: {}, reason: 'there are no elements' } };
    }
    const writer = new KernelWriter({ ...scene, written: step.outputs.map(({ tensor }) => tensor) });
    writer.need(states);
    const arrangement = arrange(writer, scene, x, space);
    const { form, along, beside, width } = arrangement;
    const rounds = Math.ceil(space.size / (along * width));
    const isHeld = rounds * width <= greatestHeld;
    const planned = planLoads(scene.target.architecture, {
      threads: threadsOf(arrangement),
      blocks: space.groups / beside / scene.target.multiprocessors,
      bytes: byteLength(scene.tensors[x.tensor]!.type, [width]),
    });
    // What is computed between two rounds' loads is long enough that one alone would leave the link idle.
    const unroll = powerFrom(scene.tuning, 'unroll', Math.max(2, planned.unroll), { most: 16 });
    new NormalizeWriter(writer, step, space, x, arrangement, rounds, isHeld, unroll).write();
    return {
      launches: [
        {
          kernel: writer.finish('normalize', threadsOf(arrangement)),
          grid: [Math.ceil(space.groups / beside), 1, 1],
          block: blockOf(arrangement),
        },
      ],
      choice: {
        kernel: isHeld ? 'normalize-in-registers' : 'normalize-in-passes',
        configuration: { along, beside, width, form, ...(!isHeld && { unroll }) },
        reason: isHeld
          ? `${rounds * width} elements a thread`
          : `groups of ${space.size} do not fit into registers; ${planned.reason}`,
      },
    };
  },
};

function arrange(writer: KernelWriter, { target, tuning }: StepScene, x: Operand, space: GroupSpace): Arrangement {
  const { size } = space;
  if (isRowWise(x, space)) {
    const width = widthAlong(writer, x, space.along);
    const along = powerFrom(tuning, 'along', Math.min(powerOfTwo(size / Math.max(width, 4)), greatestThreads), {
      most: greatestThreads,
    });
    return { form: 'row', along, beside: along > target.warpSize ? 1 : 256 / along, width };
  }
  const along = powerFrom(tuning, 'along', Math.min(powerOfTwo(size / 8), 16), { most: 16 });
  return { form: 'column', along, beside: Math.max(32, 256 / along), width: 1 };
}

class NormalizeWriter {
  constructor(
    readonly writer: KernelWriter,
    readonly step: Normalize,
    readonly space: GroupSpace,
    readonly x: Operand,
    readonly arrangement: Arrangement,
    readonly rounds: number,
    readonly isHeld: boolean,
    /** Rounds of a group that is not held whose loads are under way at once. */
    readonly unroll: number,
  ) {}

  write(): void {
    const { writer, step } = this;
    const names = writeGroupNames(writer, this.space, this.arrangement);
    if (this.isHeld) {
      writer.line(`float held[${this.rounds}][${this.arrangement.width}];`);
      this.#rounds(names, (round, place) => {
        const lanes = operandLanes(writer, this.x, place);
        this.#lanes((lane) =>
          writer.line(`held[${round}][${lane}] = ${convert(writer, laneValue(lanes, lane), 'float32').code};`),
        );
      });
    }
    const { form } = step.attributes;
    if (form === 'softmax' || form === 'logSoftmax') this.#softmax(names);
    else this.#standardize(names);
  }

  /** Does something at each element that the thread has. */
  #each(names: GroupNames, inside: (value: string) => void): void {
    this.#rounds(names, (round, place) => {
      if (this.isHeld) {
        this.#lanes((lane) => inside(`held[${round}][${lane}]`));
        return;
      }
      const lanes = operandLanes(this.writer, this.x, place);
      this.#lanes((lane) => inside(`(${convert(this.writer, laneValue(lanes, lane), 'float32').code})`));
    });
  }

  /** Stores what a formula makes of each element. */
  #store(names: GroupNames, formula: (value: string) => string): void {
    const { writer, step, arrangement } = this;
    writer.block(`if (${names.isActive})`, () =>
      this.#rounds(names, (round, place) => {
        const result = writer.name('y');
        const lanes = this.isHeld ? undefined : operandLanes(writer, this.x, place);
        writer.line(`float ${result}[${arrangement.width}];`);
        this.#lanes((lane) => {
          const value = lanes
            ? `(${convert(writer, laneValue(lanes, lane), 'float32').code})`
            : `held[${round}][${lane}]`;
          writer.line(`${result}[${lane}] = ${formula(value)};`);
        });
        const value = { name: arrangement.width === 1 ? `${result}[0]` : result, type: 'float32' } as const;
        storeLanes(writer, step, [{ ...value, isUniform: arrangement.width === 1 }], place);
      }),
    );
  }

  #lanes(inside: (lane: string) => void): void {
    if (this.arrangement.width === 1) inside('0');
    else this.writer.loop('lane', this.arrangement.width, () => inside('lane'));
  }

  #rounds(names: GroupNames, inside: (round: string, place: Place) => void): void {
    const { writer, space, rounds } = this;
    const { along, width } = this.arrangement;
    const stride = along * width;
    const body = (): void => {
      const index = writer.define('int', 'i', `round * ${stride} + ${names.thread} * ${width}`);
      const inner = () => inside('round', placeInGroup(writer, space, names, index, width));
      if (rounds * stride === space.size) inner();
      else writer.block(`if (${index} < ${space.size})`, inner);
    };
    if (this.isHeld) writer.loop('round', rounds, body);
    else {
      writer.line(`#pragma unroll ${this.unroll}`);
      writer.block(`for (int round = 0; round < ${rounds}; ++round)`, body);
    }
  }

  #softmax(names: GroupNames): void {
    const { writer, step } = this;
    writer.line(`Greatest<float> peak = {${floatLiteral(-Infinity)}};`);
    this.#each(names, (value) => writer.line(`peak.merge({${value}});`));
    const peak = writeCombine(writer, this.arrangement, 'Greatest<float>', 'peak');
    writer.line('Sum<float> total = {0.0f};');
    const isKept = this.isHeld && step.attributes.form === 'softmax';
    this.#each(names, (value) => {
      if (isKept) writer.line(`${value} = expf(${value} - ${peak}.value);`, `total.value += ${value};`);
      else writer.line(`total.value += expf(${value} - ${peak}.value);`);
    });
    const total = writeCombine(writer, this.arrangement, 'Sum<float>', 'total');
    if (step.attributes.form === 'softmax') {
      this.#store(names, (value) => `${isKept ? value : `expf(${value} - ${peak}.value)`} / ${total}.value`);
      return;
    }
    const hasPeak = `fabsf(${peak}.value) < ${floatLiteral(Infinity)}`;
    const shift = writer.define('float', 'shift', `${hasPeak} ? logf(${total}.value) : 0.0f`);
    this.#store(names, (value) => `${value} - ${peak}.value - ${shift}`);
  }

  #standardize(names: GroupNames): void {
    const { writer } = this;
    writer.line('float mean = 0.0f, scale;');
    const squares = this.#moments(names, 'float');
    const { epsilon } = this.step.attributes;
    const isTiny = epsilon < 1e-20 ? ` || ${squares} < 1e-30f` : '';
    const isWide = writeAny(writer, this.arrangement, `!(fabsf(mean) < 1e37f && ${squares} < 1e37f)${isTiny}`);
    writer.line(`scale = sqrtf(${squares} / ${floatLiteral(this.space.size)} + ${floatLiteral(epsilon)});`);
    writer.block(`if (${isWide})`, () => {
      writer.line('double mean = 0.0;');
      const wide = this.#moments(names, 'double');
      const wideScale = writer.define('double', 'wide', `sqrt(${wide} / ${this.space.size}.0 + ${epsilon})`);
      this.#store(names, (value) => `(float)(((double)${value} - mean) / ${wideScale})`);
    });
    writer.block('else', () => this.#store(names, (value) => `(${value} - mean) / scale`));
  }

  /** Sets `mean` and gives the sum of squares around it. */
  #moments(names: GroupNames, type: 'float' | 'double'): string {
    const { writer, arrangement, space } = this;
    const count = type === 'float' ? floatLiteral(space.size) : `${space.size}.0`;
    if (this.step.attributes.form === 'layer') {
      const sum = writer.name('sum');
      writer.line(`Sum<${type}> ${sum} = {0};`);
      this.#each(names, (value) => writer.line(`${sum}.value += ${value};`));
      writer.line(`mean = ${writeCombine(writer, arrangement, `Sum<${type}>`, sum)}.value / ${count};`);
    }
    const squares = writer.name('squares');
    writer.line(`Sum<${type}> ${squares} = {0};`);
    this.#each(names, (value) => {
      const away = writer.define(type, 'away', `(${type})${value} - mean`);
      writer.line(`${squares}.value += ${away} * ${away};`);
    });
    return `${writeCombine(writer, arrangement, `Sum<${type}>`, squares)}.value`;
  }
}
