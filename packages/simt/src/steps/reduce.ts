import { byteLength, type DataType, type Operand, type Step } from '@halyard/core';
import {
  at,
  floatLiteral,
  isFloat,
  laneValue,
  literal,
  operandLanes,
  storeResults,
  type Value,
  valueNames,
  widen,
} from '../expression/index.js';
import { KernelWriter } from '../kernel/kernel-writer.js';
import { planLoads } from '../schedule/index.js';
import { countOf } from '../space/decompose.js';
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
import { writeCombine } from './groups/combine.js';
import { type GroupSpace, isRowWise } from './groups/group-space.js';
import { regroup } from './groups/regrouped-step.js';
import { states } from './groups/states.js';
import { operandType } from './operand-type.js';
import type { StepGenerator, StepLaunch, StepScene } from './step-generator.js';

type Reduce = Step<'reduce'>;

/**
 * Each group by threads that lie side by side in memory, through shuffles and shared memory. Where there are too few
 * groups for the device, each is split over blocks, and a second launch merges the parts.
 */
export const reduceGenerator: StepGenerator<'reduce'> = {
  generate(scene, original) {
    const { step, space, x } = regroup(original);
    const written = step.outputs.map(({ tensor }) => tensor);
    const arrangement = arrange(new KernelWriter({ ...scene, written }), scene, x, space);
    const parts = powerFrom(scene.tuning, 'parts', partsFor(scene, space, arrangement), { most: 512 });
    const state = stateOf(scene, step, x);
    const { along, width, form } = arrangement;
    const bytes = byteLength(scene.tensors[x.tensor]!.type, [width]);
    const planned = planLoads(scene.target.architecture, { threads: threadsOf(arrangement), bytes });
    const unroll = powerFrom(scene.tuning, 'unroll', planned.unroll, { most: 16 });
    const configuration = { along, beside: arrangement.beside, width, parts, unroll, form };
    if (space.groups === 0) return { launches: [], choice: { kernel: 'none', configuration: {}, reason: 'no groups' } };
    if (parts === 1) {
      return {
        launches: [launchReduce(scene, { step, space, x, arrangement, state, parts, unroll })],
        choice: {
          kernel: 'reduce',
          configuration,
          reason: `${along} threads for each of ${space.groups} groups; ${planned.reason}`,
        },
      };
    }
    return {
      launches: [
        launchReduce(scene, { step, space, x, arrangement, state, parts, unroll }),
        launchMerge(scene, step, space, state, parts),
      ],
      scratchBytes: space.groups * parts * state.bytes,
      choice: { kernel: 'reduce-in-parts', configuration, reason: `${space.groups} groups would leave units idle` },
    };
  },
};

function arrange(writer: KernelWriter, { target, tuning }: StepScene, x: Operand, space: GroupSpace): Arrangement {
  const { size, groups } = space;
  const isBusy = groups >= target.multiprocessors * 8;
  if (isRowWise(x, space)) {
    const width = widthAlong(writer, x, space.along);
    const along = powerOfTwo(size / (width * (isBusy ? 4 : 1)));
    const threads = powerFrom(tuning, 'along', Math.min(along, 256), { most: 512 });
    return { form: 'row', along: threads, beside: threads > target.warpSize ? 1 : 256 / threads, width };
  }
  const along = powerFrom(tuning, 'along', Math.min(powerOfTwo(size / (isBusy ? 16 : 4)), 16), { most: 16 });
  return { form: 'column', along, beside: Math.max(32, 256 / along), width: 1 };
}

/** Enough blocks for every unit, as long as each thread still has something to do. */
function partsFor({ target }: StepScene, { groups, size }: GroupSpace, { along, beside, width }: Arrangement): number {
  const blocks = Math.ceil(groups / beside);
  const wanted = Math.floor((target.multiprocessors * 2) / Math.max(blocks, 1));
  const most = Math.floor(size / (along * width * 2));
  return Math.max(1, Math.min(wanted, most, 512));
}

interface State {
  /** C++ type. */
  readonly type: string;
  readonly none: string;
  readonly bytes: number;
  /** Of one element. */
  readonly of: (value: Value, index: string, writer: KernelWriter) => string;
  readonly result: (state: string) => Value;
}

const names = { sum: 'Sum', product: 'Product', min: 'Least', max: 'Greatest' } as const;

function stateOf(scene: StepScene, { attributes, outputs }: Reduce, x: Operand): State {
  const { combine, accumulate } = attributes;
  if (combine === 'logSumExp') {
    return {
      type: 'LogSum',
      none: `{${floatLiteral(-Infinity)}, 0.0f}`,
      bytes: 8,
      of: ({ code }) => `{${code}, 1.0f}`,
      result: (state) => ({
        code: `(fabsf(${state}.peak) < ${floatLiteral(Infinity)} ? ${state}.peak + logf(${state}.total) : ${state}.peak)`,
        type: accumulate,
      }),
    };
  }
  if (combine === 'argMin' || combine === 'argMax') {
    const type = operandType(scene.tensors, x);
    const wide = scene.tensors[outputs[0]!.tensor]!.type === 'int64';
    return {
      type: `Extreme<${valueNames[type]}, ${combine === 'argMax'}>`,
      none: `{${literal(isFloat(type) ? 0 : 0n, type)}, -1}`,
      bytes: 16,
      of: ({ code }, index) => `{${code}, ${index}}`,
      result: (state) => ({
        code: wide ? `(long long)${state}.index` : `${state}.index`,
        type: wide ? 'int64' : 'int32',
      }),
    };
  }
  return {
    type: `${names[combine]}<${valueNames[accumulate]}>`,
    none: `{${literal(identity(combine, accumulate), accumulate)}}`,
    bytes: 8,
    of: (value, _, writer) => `{${widen(writer, value, accumulate).code}}`,
    result: (state) => ({ code: `${state}.value`, type: accumulate }),
  };
}

/** What a reduction over nothing gives. */
export function identity(combine: keyof typeof names, type: DataType): number | bigint {
  if (combine === 'sum' || combine === 'product') return combine === 'sum' ? 0 : 1;
  if (isFloat(type)) return combine === 'min' ? Infinity : -Infinity;
  const bits = BigInt(type.replace(/\D+/, ''));
  const isSigned = !type.startsWith('u');
  if (combine === 'max') return isSigned ? -(2n ** (bits - 1n)) : 0n;
  return 2n ** (isSigned ? bits - 1n : bits) - 1n;
}

interface ReduceParts {
  readonly step: Reduce;
  readonly space: GroupSpace;
  readonly x: Operand;
  readonly arrangement: Arrangement;
  readonly state: State;
  readonly parts: number;
  /** Elements of a thread that are read before the first is waited for. */
  readonly unroll: number;
}

function launchReduce(scene: StepScene, given: ReduceParts): StepLaunch {
  const { step, space, arrangement, state, parts } = given;
  const writer = new KernelWriter({ ...scene, written: step.outputs.map(({ tensor }) => tensor) });
  writer.need(states);
  const names = writeGroupNames(writer, space, arrangement);
  const state0 = writeGather(writer, given, names);
  const whole = writeCombine(writer, arrangement, state.type, state0);
  writer.block(`if (${names.thread} == 0 && ${names.isActive})`, () => {
    if (parts === 1) {
      const coordinates = [...names.coordinates, ...space.along.map(() => '0')];
      storeResults(writer, step, [state.result(whole)], coordinates);
    } else {
      writer.line(`${writer.scratch(state.type, 0)}[${names.group} * ${parts} + (int)blockIdx.y] = ${whole};`);
    }
  });
  return {
    kernel: writer.finish('reduce', threadsOf(arrangement)),
    grid: [Math.ceil(space.groups / arrangement.beside), parts, 1],
    block: blockOf(arrangement),
  };
}

/** The state of a thread's own elements, of this block's part of the group. */
function writeGather(writer: KernelWriter, given: ReduceParts, names: GroupNames): string {
  const { step, space, x, arrangement, state, parts, unroll } = given;
  const { size } = space;
  const result = writer.name('state');
  const stride = arrangement.along * arrangement.width;
  const chunk = Math.ceil(size / parts / stride) * stride;
  const begin = parts === 1 ? '' : `(int)blockIdx.y * ${chunk} + `;
  const end = parts === 1 ? `${size}` : writer.define('int', 'end', `min(((int)blockIdx.y + 1) * ${chunk}, ${size})`);
  const each = (inside: (value: Value, index: string) => void): void => {
    if (size === 0) return;
    const index = writer.name('i');
    const start = `${begin}${names.thread} * ${arrangement.width}`;
    writer.line(`#pragma unroll ${unroll}`);
    writer.block(`for (int ${index} = ${start}; ${index} < ${end}; ${index} += ${stride})`, () => {
      const lanes = operandLanes(writer, x, placeInGroup(writer, space, names, index, arrangement.width));
      if (arrangement.width === 1) inside(laneValue(lanes, '0'), index);
      else writer.loop('lane', arrangement.width, () => inside(laneValue(lanes, 'lane'), `${index} + lane`));
    });
  };
  if (step.attributes.combine !== 'logSumExp') {
    writer.line(`${state.type} ${result} = ${state.none};`);
    each((value, index) => writer.line(`${result}.merge(${state.of(value, index, writer)});`));
    return result;
  }
  // The greatest first, so that each element takes one exponential and no sum is rescaled.
  writer.line(`Greatest<float> ${result}peak = {${floatLiteral(-Infinity)}};`);
  each((value) => writer.line(`${result}peak.merge({${widen(writer, value, 'float32').code}});`));
  writer.line(`LogSum ${result} = {${result}peak.value, 0.0f};`);
  each((value) => writer.line(`${result}.total += expf(${widen(writer, value, 'float32').code} - ${result}.peak);`));
  writer.line(`if (${result}.peak == ${floatLiteral(-Infinity)}) ${result}.total = 0.0f;`);
  return result;
}

/** Merges the parts of each group. */
function launchMerge(scene: StepScene, step: Reduce, space: GroupSpace, state: State, parts: number): StepLaunch {
  const writer = new KernelWriter({ ...scene, written: step.outputs.map(({ tensor }) => tensor) });
  writer.need(states);
  const along = Math.min(powerOfTwo(parts), scene.target.warpSize);
  const arrangement: Arrangement = { form: 'row', along, beside: 128 / along, width: 1 };
  const names = writeGroupNames(writer, space, arrangement);
  writer.line(`${state.type} state = ${state.none};`);
  const source = writer.scratch(state.type, 0);
  writer.block(`for (int part = ${names.thread}; part < ${parts}; part += ${along})`, () =>
    writer.line(`state.merge(${source}[${names.group} * ${parts} + part]);`),
  );
  const whole = writeCombine(writer, arrangement, state.type, 'state');
  writer.block(`if (${names.thread} == 0 && ${names.isActive})`, () => {
    const coordinates = [...names.coordinates, ...space.along.map(() => '0')];
    storeResults(writer, step, [state.result(whole)], at(coordinates).coordinates);
  });
  return {
    kernel: writer.finish('merge_parts', threadsOf(arrangement)),
    grid: [Math.ceil(countOf(space.kept) / arrangement.beside), 1, 1],
    block: blockOf(arrangement),
  };
}
