import { powerOfTwo } from '../groups/arrangement.js';
import type { StepKernels, StepLaunch } from '../step-generator.js';
import { keyBytes } from './keys.js';
import { network } from './network.js';
import type { SortSpace } from './sort-space.js';

/** Elements of a tile in shared memory: as many as keys of 64 bits allow. */
const tile = 2048;
const threads = 512;

/** A bitonic network through memory: whatever spans more than a tile is a launch of its own. */
export function generateLargeSort(sort: SortSpace): StepKernels {
  const size = powerOfTwo(sort.space.size);
  const keysBytes = sort.space.groups * size * keyBytes(sort.type);
  const launches: StepLaunch[] = [launchTiles(sort, size, keysBytes)];
  for (let stretch = tile * 2; stretch <= size; stretch *= 2) {
    for (let distance = stretch / 2; distance >= tile; distance /= 2) {
      launches.push(launchExchange(sort, size, keysBytes, stretch, distance));
    }
    launches.push(launchMerge(sort, size, keysBytes, stretch));
  }
  launches.push(launchResults(sort, size, keysBytes));
  return {
    launches,
    scratchBytes: keysBytes + sort.space.groups * size * 4,
    choice: {
      kernel: 'sort-through-memory',
      configuration: { tile, launches: launches.length },
      reason: `${sort.count} of ${sort.space.size} are asked for`,
    },
  };
}

function launchTiles(sort: SortSpace, size: number, keysBytes: number): StepLaunch {
  const writer = sort.writer();
  const group = sort.group(writer);
  writer.need(network);
  writer.line(`__shared__ ${sort.keyName} keys[${tile}];`, `__shared__ int indices[${tile}];`);
  const base = writer.define('int', 'base', `(int)blockIdx.y * ${tile}`);
  writer.block(`for (int at = threadIdx.x; at < ${tile}; at += ${threads})`, () => {
    const index = writer.define('int', 'index', `${base} + at`);
    writer.line(`indices[at] = ${index};`);
    sort.writeKey(writer, group, index, 'keys[at]');
  });
  writer.line('__syncthreads();', `sort_tile<${tile}>(keys, indices, ${base});`);
  const [to, toIndices] = [writer.scratch(sort.keyName, 0), writer.scratch('int', keysBytes)];
  writer.block(`for (int at = threadIdx.x; at < ${tile}; at += ${threads})`, () => {
    const place = writer.define('int', 'place', `(int)blockIdx.x * ${size} + ${base} + at`);
    writer.line(`${to}[${place}] = keys[at];`, `${toIndices}[${place}] = indices[at];`);
  });
  return {
    kernel: writer.finish('sort_tiles', threads),
    grid: [sort.space.groups, size / tile, 1],
    block: [threads, 1, 1],
  };
}

function launchExchange(
  sort: SortSpace,
  size: number,
  keysBytes: number,
  stretch: number,
  distance: number,
): StepLaunch {
  const writer = sort.writer();
  writer.need(network);
  const [keys, indices] = [writer.scratch(sort.keyName, 0), writer.scratch('int', keysBytes)];
  const scalar = (value: number) => writer.parameter('int', { kind: 'scalar', dataType: 'int32', value });
  const [stretchName, distanceName] = [scalar(stretch), scalar(distance)];
  writer.line(
    `const int pair = (int)blockIdx.y * ${threads} + (int)threadIdx.x;`,
    `const int low = 2 * pair - (pair & (${distanceName} - 1));`,
    `const int group = (int)blockIdx.x * ${size};`,
    `exchange(${keys} + group, ${indices} + group, low, low + ${distanceName}, (low & ${stretchName}) == 0);`,
  );
  return {
    kernel: writer.finish('exchange', threads),
    grid: [sort.space.groups, size / 2 / threads, 1],
    block: [threads, 1, 1],
  };
}

function launchMerge(sort: SortSpace, size: number, keysBytes: number, stretch: number): StepLaunch {
  const writer = sort.writer();
  writer.need(network);
  const [source, sourceIndices] = [writer.scratch(sort.keyName, 0), writer.scratch('int', keysBytes)];
  const stretchName = writer.parameter('int', { kind: 'scalar', dataType: 'int32', value: stretch });
  writer.line(`__shared__ ${sort.keyName} keys[${tile}];`, `__shared__ int indices[${tile}];`);
  const base = writer.define('int', 'base', `(int)blockIdx.y * ${tile}`);
  const each = (inside: (place: string) => void) =>
    writer.block(`for (int at = threadIdx.x; at < ${tile}; at += ${threads})`, () =>
      inside(writer.define('int', 'place', `(int)blockIdx.x * ${size} + ${base} + at`)),
    );
  each((place) => writer.line(`keys[at] = ${source}[${place}];`, `indices[at] = ${sourceIndices}[${place}];`));
  writer.line('__syncthreads();', `merge_tile<${tile}>(keys, indices, ${base}, ${stretchName}, ${tile / 2});`);
  each((place) => writer.line(`${source}[${place}] = keys[at];`, `${sourceIndices}[${place}] = indices[at];`));
  return {
    kernel: writer.finish('merge_tiles', threads),
    grid: [sort.space.groups, size / tile, 1],
    block: [threads, 1, 1],
  };
}

function launchResults(sort: SortSpace, size: number, keysBytes: number): StepLaunch {
  const writer = sort.writer();
  const group = sort.group(writer);
  const indices = writer.scratch('int', keysBytes);
  const at = writer.define('int', 'at', '(int)blockIdx.y * 256 + (int)threadIdx.x');
  writer.block(`if (${at} < ${sort.count})`, () => {
    const index = writer.define('int', 'index', `${indices}[(int)blockIdx.x * ${size} + ${at}]`);
    sort.writeResult(writer, group, index, at);
  });
  return {
    kernel: writer.finish('sorted', 256),
    grid: [sort.space.groups, Math.ceil(sort.count / 256), 1],
    block: [256, 1, 1],
  };
}
