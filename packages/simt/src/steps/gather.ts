import type { Operand } from '@halyard/core';
import { operandLanes, type Place, storeLanes } from '../expression/index.js';
import { KernelWriter } from '../kernel/kernel-writer.js';
import { countOf, decompose, indexName } from '../space/decompose.js';
import { type Addressing, hasRuns, locate, namedShape } from './addressing.js';
import { powerFrom } from './configuration.js';
import type { StepGenerator } from './step-generator.js';
import { widthFor } from './width.js';

/** A thread for each few neighbours of the result: it looks up where they are, and moves them in words. */
export const gatherGenerator: StepGenerator<'gather'> = {
  generate(scene, step) {
    const [from, indices] = step.inputs as readonly Operand[];
    const addressing: Addressing = { ...step.attributes, shape: from!.shape, indices: indices! };
    const shape = namedShape(addressing);
    const count = countOf(shape);
    if (count === 0) {
      return { launches: [], choice: { kernel: 'none', configuration: {}, reason: 'there are no elements' } };
    }
    const writer = new KernelWriter({ ...scene, written: step.outputs.map(({ tensor }) => tensor) });
    const threads = powerFrom(scene.tuning, 'threads', 256, { least: 32, most: 1024 });
    const reads = [from!, ...(from!.prologue?.inputs ?? []), ...(step.epilogue?.inputs ?? [])];
    // A shape of one axis could not be done in runs to its end: a second axis says that it must fit.
    const width = hasRuns(addressing) ? widthFor(writer, reads, step.outputs, [1, ...shape]) : 1;
    const runs = count / width;
    const run = writer.define(indexName(runs), 'run', `(${indexName(runs)})blockIdx.x * ${threads} + (int)threadIdx.x`);
    writer.block(`if (${run} < ${runs})`, () => {
      const first = writer.define(indexName(count), 'i', `${run} * ${width}`);
      const coordinates = decompose(writer, first, shape);
      const place: Place = { coordinates, axis: width === 1 ? -1 : shape.length - 1, width };
      const { coordinates: source } = locate(writer, addressing, coordinates, true);
      const lanes = operandLanes(writer, from!, {
        coordinates: source,
        axis: width === 1 ? -1 : source.length - 1,
        width,
      });
      storeLanes(writer, step, [lanes], place);
    });
    return {
      launches: [
        { kernel: writer.finish('gather', threads), grid: [Math.ceil(runs / threads), 1, 1], block: [threads, 1, 1] },
      ],
      choice: {
        kernel: 'gather',
        configuration: { threads, width },
        reason: width > 1 ? `${width} neighbours are moved at once` : 'each element is looked up',
      },
    };
  },
};
