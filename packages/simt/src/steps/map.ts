import { reference, type Step, type View } from '@halyard/core';
import { operandLanes, type Place, storeLanes } from '../expression/index.js';
import { KernelWriter } from '../kernel/kernel-writer.js';
import { countOf, decompose, indexName } from '../space/decompose.js';
import { mergeAxes, operandLayouts, orderByStride, resultLayouts, rowAxes } from '../space/layouts.js';
import { Regrouping } from '../space/regrouping.js';
import { numberFrom } from './configuration.js';
import type { StepGenerator, StepKernels, StepScene } from './step-generator.js';
import { widthFor } from './width.js';

/**
 * An expression at each element: a thread takes several neighbours, moved in words of 128 bits where the views allow
 * it, and with much to do several such runs, a block's width apart.
 */
export const mapGenerator: StepGenerator<'map'> = {
  generate(scene, step) {
    const shape = reference.targetShape(step.outputs[0]!);
    if (countOf(shape) === 0) return nothing;
    return generateMap(scene, regroup(step, shape));
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
  const threads = numberFrom(scene.tuning, 'threads', 256);
  const width = numberFrom(scene.tuning, 'width', widthFor(writer, readsOf(step), step.outputs, shape));
  const runs = Math.ceil(count / width);
  const isLarge = runs >= threads * scene.target.multiprocessors * 8;
  const unroll = numberFrom(scene.tuning, 'unroll', isLarge ? (width > 1 ? 2 : 4) : 1);
  const blocks = Math.ceil(runs / (threads * unroll));
  const index = indexName(blocks * threads * unroll * width);
  const body = (run: string): void => {
    const first = writer.define(index, 'i', width === 1 ? run : `${run} * ${width}`);
    writeRuns(writer, step, shape, first, width, blocks * threads * unroll * width > count);
  };
  if (unroll === 1) {
    body(writer.define(index, 'run', `(${index})blockIdx.x * ${threads} + (int)threadIdx.x`));
  } else {
    writer.loop('part', unroll, () => {
      body(writer.define(index, 'run', `((${index})blockIdx.x * ${unroll} + part) * ${threads} + (int)threadIdx.x`));
    });
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

/** One run of neighbours; at the end of a shape that they do not fill, one after the other. */
function writeRuns(
  writer: KernelWriter,
  step: Step<'map'>,
  shape: readonly number[],
  first: string,
  width: number,
  isGuarded: boolean,
): void {
  const count = countOf(shape);
  if (!isGuarded) {
    writePlace(writer, step, shape, first, width);
    return;
  }
  writer.block(`if (${first} < ${count - width + 1})`, () => writePlace(writer, step, shape, first, width));
  if (count % width === 0) return;
  writer.block('else', () => {
    writer.block(`for (${indexName(count)} rest = ${first}; rest < ${count}; ++rest)`, () =>
      writePlace(writer, step, shape, 'rest', 1),
    );
  });
}

function writePlace(
  writer: KernelWriter,
  step: Step<'map'>,
  shape: readonly number[],
  first: string,
  width: number,
): void {
  const place: Place = {
    coordinates: decompose(writer, first, shape),
    axis: width === 1 ? -1 : shape.length - 1,
    width,
  };
  const values = step.inputs.map((operand) => operandLanes(writer, operand!, place));
  storeLanes(writer, step, values, place);
}

/** All that a map reads. */
const readsOf = (step: Step<'map'>): View[] => [
  ...step.inputs.flatMap((operand) => [operand!, ...(operand!.prologue?.inputs ?? [])]),
  ...(step.epilogue?.inputs ?? []),
];
