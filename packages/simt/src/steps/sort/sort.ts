import { countOf } from '../../space/decompose.js';
import { powerOfTwo } from '../groups/arrangement.js';
import type { StepGenerator, StepKernels, StepLaunch } from '../step-generator.js';
import { keyBytes } from './keys.js';
import { generateLargeSort } from './large-sort.js';
import { network } from './network.js';
import { SortSpace } from './sort-space.js';

/** Elements that one block sorts in shared memory. */
export const tileElements = 2048;

/**
 * Groups that fit into shared memory are sorted there. Of longer ones, where few are asked for, each tile gives its
 * first, and those are sorted again until one tile is left; where many are, tiles are merged through memory.
 */
export const sortGenerator: StepGenerator<'sort'> = {
  supports(_target, { inputs, attributes }) {
    const { shape } = inputs[0]!;
    const size = shape[attributes.axis]!;
    const elements = size === 0 ? 0 : (countOf(shape) / size) * powerOfTwo(size);
    return elements < 2 ** 31 && size < 2 ** 25
      ? true
      : { part: 'step', reason: `${elements} elements are more than indices of 32 bits name` };
  },
  generate(scene, original) {
    const sort = new SortSpace(scene, original);
    const { groups, size } = sort.space;
    if (groups === 0 || size === 0 || sort.count === 0) {
      return { launches: [], choice: { kernel: 'none', configuration: {}, reason: 'nothing is asked for' } };
    }
    if (size > tileElements && sort.count > tileElements / 4) return generateLargeSort(sort);
    return generateRounds(sort);
  },
};

function generateRounds(sort: SortSpace): StepKernels {
  const { groups, size } = sort.space;
  const launches: StepLaunch[] = [];
  const tiles = Math.ceil(size / tileElements);
  const partBytes = Math.ceil((groups * tiles * sort.count * 4) / 16) * 16;
  const keysBytes = Math.ceil((groups * tiles * sort.count * keyBytes(sort.type)) / 16) * 16;
  const bufferBytes = partBytes + keysBytes;
  let elements = size;
  for (let round = 0; ; round++) {
    const blocks = Math.ceil(elements / tileElements);
    launches.push(launchRound(sort, { round, elements, blocks, bufferBytes, keysBytes }));
    if (blocks === 1) break;
    elements = blocks * sort.count;
  }
  const isOne = launches.length === 1;
  return {
    launches,
    ...(!isOne && { scratchBytes: bufferBytes * 2 }),
    choice: {
      kernel: isOne ? 'sort-in-block' : 'top-of-tiles',
      configuration: { tile: Math.min(powerOfTwo(size), tileElements), rounds: launches.length },
      reason: isOne ? `groups of ${size} fit into shared memory` : `${sort.count} of ${size} are asked for`,
    },
  };
}

interface Round {
  readonly round: number;
  /** Of each group, that are left. */
  readonly elements: number;
  readonly blocks: number;
  readonly bufferBytes: number;
  readonly keysBytes: number;
}

function launchRound(sort: SortSpace, { round, elements, blocks, bufferBytes, keysBytes }: Round): StepLaunch {
  const writer = sort.writer();
  const { keyName, count } = sort;
  const tile = Math.max(powerOfTwo(Math.min(elements, tileElements)), 2);
  const threads = Math.min(Math.max(tile / 2, 32), 512);
  const group = sort.group(writer);
  const buffer = (which: number) => ({
    keys: writer.scratch(keyName, (which % 2) * bufferBytes),
    indices: writer.scratch('int', (which % 2) * bufferBytes + keysBytes),
  });
  writer.need(network);
  writer.line(`__shared__ ${keyName} keys[${tile}];`, `__shared__ int indices[${tile}];`);
  writer.block(`for (int at = threadIdx.x; at < ${tile}; at += ${threads})`, () => {
    const index = writer.define('int', 'index', `(int)blockIdx.y * ${tile} + at`);
    if (round === 0) {
      writer.line(`indices[at] = ${index};`);
      sort.writeKey(writer, group, index, 'keys[at]');
      return;
    }
    const source = buffer(round - 1);
    writer.line(`keys[at] = ~(${keyName})0;`, 'indices[at] = 2147483647;');
    writer.block(`if (${index} < ${elements})`, () => {
      const from = writer.define('int', 'from', `(int)blockIdx.x * ${elements} + ${index}`);
      writer.line(`keys[at] = ${source.keys}[${from}];`, `indices[at] = ${source.indices}[${from}];`);
    });
  });
  writer.line('__syncthreads();', `sort_tile<${tile}>(keys, indices, 0);`);
  writer.block(`for (int at = threadIdx.x; at < ${count}; at += ${threads})`, () => {
    if (blocks === 1) {
      sort.writeResult(writer, group, writer.define('int', 'index', 'indices[at]'), 'at');
      return;
    }
    const target = buffer(round);
    const to = writer.define('int', 'to', `((int)blockIdx.x * ${blocks} + (int)blockIdx.y) * ${count} + at`);
    writer.line(`${target.keys}[${to}] = keys[at];`, `${target.indices}[${to}] = indices[at];`);
  });
  return { kernel: writer.finish('sort', threads), grid: [sort.space.groups, blocks, 1], block: [threads, 1, 1] };
}
