import { reference, type Step, type View } from '@halyard/core';
import { type Lanes, operandLanes, type Place, storeLanes } from '../expression/index.js';
import { KernelWriter } from '../kernel/kernel-writer.js';
import { countOf, decompose, indexName } from '../space/decompose.js';
import { mergeAxes, operandLayouts, orderByStride, resultLayouts, rowAxes } from '../space/layouts.js';
import { Regrouping } from '../space/regrouping.js';
import { powerFrom } from './configuration.js';
import type { StepGenerator, StepKernels, StepScene } from './step-generator.js';
import { generateTransposingMap, transposedAxis } from './transpose.js';
import { widthFor } from './width.js';

/**
 * An expression at each element: a thread takes several neighbours, moved in words of 128 bits where the views allow
 * it, and with much to do several such runs, a block's width apart.
 */
export const mapGenerator: StepGenerator<'map'> = {
  generate(scene, step) {
    const shape = reference.targetShape(step.outputs[0]!);
    if (countOf(shape) === 0) return nothing;
    const flat = regroup(step, shape);
    const turned = transposedAxis(flat.step, flat.shape);
    return turned === undefined
      ? generateMap(scene, flat)
      : generateTransposingMap(scene, flat.step, flat.shape, turned);
  },
};

const nothing: StepKernels = {
  launches: [],
  choice: { kernel: 'none', configuration: {}, reason: 'there are no elements' },
};

interface FlatMap {
  readonly step: Step<'map'>;
  readonly shape: readonly number[];
}

/** The step over as few axes as can be, the first output's fastest last. */
function regroup(step: Step<'map'>, shape: readonly number[]): FlatMap {
  const layouts = [...step.inputs.flatMap((operand) => operandLayouts(operand!)), ...resultLayouts(step, shape.length)];
  const first = step.outputs[0]!;
  const space = new Regrouping(
    shape,
    mergeAxes(shape, orderByStride(first.strides), layouts, { kept: rowAxes(step.outputs) }),
  );
  return {
    shape: space.shape,
    step: {
      ...step,
      inputs: step.inputs.map((operand) => space.operand(operand!)),
      outputs: step.outputs.map((target) => space.target(target)),
      ...(step.epilogue && { epilogue: space.expression(step.epilogue) }),
    },
  };
}

function generateMap(scene: StepScene, { step, shape }: FlatMap): StepKernels {
  const writer = new KernelWriter({ ...scene, written: step.outputs.map(({ tensor }) => tensor) });
  const count = countOf(shape);
  const threads = powerFrom(scene.tuning, 'threads', 256, { least: 32, most: 1024 });
  const greatest = widthFor(writer, readsOf(step), step.outputs, shape);
  const width = powerFrom(scene.tuning, 'width', greatest, { most: greatest });
  const runs = Math.ceil(count / width);
  const isLarge = runs >= threads * scene.target.multiprocessors * 8;
  const unroll = powerFrom(scene.tuning, 'unroll', isLarge ? (width > 1 ? 2 : 4) : 1, { most: 16 });
  const blocks = Math.ceil(runs / (threads * unroll));
  const map: MapKernel = { writer, step, shape, count, width, threads, unroll };
  const full = Math.floor(count / (width * threads * unroll));
  if (full === blocks) writeFullBlock(map);
  else if (full === 0 || unroll === 1) writeGuardedBlock(map);
  else {
    writer.block(`if ((int)blockIdx.x < ${full})`, () => writeFullBlock(map));
    writer.block('else', () => writeGuardedBlock(map));
  }
  return {
    launches: [{ kernel: writer.finish('map', threads), grid: [blocks, 1, 1], block: [threads, 1, 1] }],
    choice: {
      kernel: 'map',
      configuration: { threads, width, unroll },
      reason: width > 1 ? `${width} neighbours are moved at once` : 'elements do not lie side by side in aligned words',
    },
  };
}

interface MapKernel {
  readonly writer: KernelWriter;
  readonly step: Step<'map'>;
  readonly shape: readonly number[];
  readonly count: number;
  readonly width: number;
  readonly threads: number;
  /** Runs of a thread. */
  readonly unroll: number;
}

/** The first element of one of a thread's runs. */
function firstOf({ writer, count, width, threads, unroll }: MapKernel, part: string): string {
  const index = indexName(count + width * threads * unroll);
  const block = unroll === 1 ? `(${index})blockIdx.x` : `((${index})blockIdx.x * ${unroll} + ${part})`;
  return writer.define(index, 'i', `(${block} * ${threads} + (int)threadIdx.x) * ${width}`);
}

function placeOf({ writer, shape }: MapKernel, first: string, width: number): Place {
  return { coordinates: decompose(writer, first, shape), axis: width === 1 ? -1 : shape.length - 1, width };
}

const load = ({ writer, step }: MapKernel, place: Place): Lanes[] =>
  step.inputs.map((operand) => operandLanes(writer, operand!, place));

/** All runs are within the shape: all that they read is asked for before the first of it is waited for. */
function writeFullBlock(map: MapKernel): void {
  const parts = Array.from({ length: map.unroll }, (_, part) => {
    const place = placeOf(map, firstOf(map, `${part}`), map.width);
    return { place, values: load(map, place) };
  });
  for (const { place, values } of parts) storeLanes(map.writer, map.step, values, place);
}

/** Some runs are not; the neighbours at the end of the shape may not fill one, and are done one after the other. */
function writeGuardedBlock(map: MapKernel): void {
  const { writer, step, count, width } = map;
  const write = (first: string, lanes: number): void => {
    const place = placeOf(map, first, lanes);
    storeLanes(writer, step, load(map, place), place);
  };
  writer.loop('part', map.unroll, () => {
    const first = firstOf(map, 'part');
    writer.block(`if (${first} < ${count - width + 1})`, () => write(first, width));
    if (count % width === 0) return;
    writer.block('else', () => {
      writer.block(`for (${indexName(count)} rest = ${first}; rest < ${count}; ++rest)`, () => write('rest', 1));
    });
  });
}

/** All that a map reads. */
const readsOf = (step: Step<'map'>): View[] => [
  ...step.inputs.flatMap((operand) => [operand!, ...(operand!.prologue?.inputs ?? [])]),
  ...(step.epilogue?.inputs ?? []),
];
