import { dynamicShared } from '../../kernel/dynamic-shared.js';
import type { MatrixCore, TensorTile } from './core.js';
import { tensorThreads } from './core.js';
import type { TensorFormat } from './format.js';
import { formatBytes } from './format.js';
import type { OperandPlan } from './sources.js';
import { printStoreRun, runWidth } from './store-run.js';
import { printTransfer } from './transfer.js';
import { orderTransfers } from './transfer-order.js';
import { isShared, printBeginOf, printFixup, printShares, printTilePlace, type Work } from './work.js';

export interface TensorKernel {
  readonly plans: readonly OperandPlan[];
  readonly tile: TensorTile;
  readonly core: MatrixCore;
  readonly format: TensorFormat;
  readonly stageBytes: number;
  readonly work: Work;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** Dynamic shared memory: the stages of the main loop, later the results on their way to the epilogue. */
export function tensorSharedBytes({ plans, tile, stageBytes }: TensorKernel): number {
  const staging = (tile.rows / tile.warpRows) * 16 * stagedStride(plans.length - 1, tile) * 4;
  return Math.max(tile.stages * stageBytes, staging);
}

/** Eight more than a multiple of 32, so that eight rows of pairs meet each bank once. */
const stagedStride = (count: number, tile: TensorTile): number => count * tile.columns + 8;

const printPlaces = ({ tile, core }: TensorKernel, isWhole: boolean): string => `
  ${dynamicShared}
  const unsigned shared_base = shared_address(shared);
  const int thread = threadIdx.x;
  const int lane = thread & 31;
  const int warp_m = (thread >> 5) / ${tile.columns / tile.warpColumns};
  const int warp_n = (thread >> 5) % ${tile.columns / tile.warpColumns};
  ${core.declareSums}
${isWhole ? core.declare : ''}`;

/**
 * The main loop: `stages` tiles in flight; one barrier for each step, before the last fragments of a step are
 * multiplied, so that the first of the next are loaded behind them.
 */
export function printTensorBody(kernel: TensorKernel, partials: string): string {
  const { plans, tile, core, format, stageBytes, work, k } = kernel;
  const threads = tensorThreads(tile);
  const depth = tile.depthBytes / formatBytes[format];
  const transfers = plans.map((plan) => ({
    ...printTransfer(plan, { threads, depth, k, stageBytes, format }),
    isCopy: plan.source === 'asynchronous',
  }));
  const order = orderTransfers(transfers, tile.loadsAhead);
  const isAsynchronous = transfers.some(({ isCopy }) => isCopy);
  const inner = tile.depthBytes / 32;
  const { stages } = tile;
  const commit = isAsynchronous ? 'commit_copies();' : '';
  const wait = isAsynchronous ? `wait_for_copies<${stages - 2}>();` : '';
  const buffer = (step: string) => (tile.fragmentBuffers === 2 ? `(${step}) & 1` : '0');
  const loadBefore = tile.fragmentBuffers === 2;
  return `${printPlaces(kernel, true)}
${isShared(work) ? printBeginOf(work) : ''}
${isShared(work) ? printShares(work) : ownWork(work)}
${printTilePlace(work, tile.rows, tile.columns)}
#pragma unroll
    for (int i = 0; i < ${core.sumCount}; ++i) reinterpret_cast<${core.sumType}*>(sums)[i] = 0;
    {${transfers.map(({ begin }) => begin).join('')}
#pragma unroll
      for (int stage = 0; stage < ${stages - 1}; ++stage) {
        const int next_step = first_step + stage;
        ${order.fill}
        ${commit}
      }
      ${order.ahead && `{\n        const int next_step = first_step + ${stages - 1};${order.ahead}\n      }`}
      ${wait}
      __syncthreads();
      int at_stage = 0;
      ${loadBefore ? `{${core.load('0', '0', '0')}\n      }` : ''}
#pragma unroll 1
      for (int step = first_step; step < end_step; ++step) {
        const int next_step = step + ${stages - 1};
        const int stage = at_stage == 0 ? ${stages - 1} : at_stage - 1;
        const int following = at_stage == ${stages - 1} ? 0 : at_stage + 1;
#pragma unroll
        for (int inner = 0; inner < ${inner}; ++inner) {
          ${loadBefore ? '' : `{${core.load('at_stage', 'inner', '0')}\n          }`}
          if (inner == ${inner - 1}) {
            ${order.last}
            ${wait}
            __syncthreads();
            ${loadBefore ? `if (step + 1 < end_step) {${core.load('following', '0', buffer(`${inner}`))}\n            }` : ''}
          } ${loadBefore ? `else {${core.load('at_stage', '(inner + 1)', buffer('inner + 1'))}\n          }` : ''}
          if (inner == 0) {
            ${order.first}
            ${commit}
          }
${core.multiply(buffer('inner'))}
        }
        at_stage = following;
      }
      ${isAsynchronous ? 'wait_for_copies<0>();' : ''}
      __syncthreads();
    }
${
  isShared(work)
    ? `    if (first_step > 0 || end_step < ${work.steps}) {
      ${core.sumType}* to = ${partials} + static_cast<long long>(2 * worker + (first_step > 0 ? 0 : 1)) * ${threads * core.sumCount} + thread;
#pragma unroll
      for (int i = 0; i < ${core.sumCount}; ++i) to[i * ${threads}] = reinterpret_cast<${core.sumType}*>(sums)[i];
    } else {${printResults(kernel)}
    }
  }`
    : `${printResults(kernel)}`
}`;
}

const ownWork = ({ steps }: Work): string => `
    const int tile = blockIdx.x;
    const int first_step = 0;
    const int end_step = ${steps};`;

/** Sums go through shared memory, so that neighbouring threads run the epilogue on neighbouring columns. */
function printResults({ plans, tile, core, m, n }: TensorKernel): string {
  const count = plans.length - 1;
  const stride = stagedStride(count, tile);
  const threads = tensorThreads(tile);
  const rows = (tile.rows / tile.warpRows) * 16;
  const width = runWidth(n);
  const perRow = tile.columns / width;
  const from = Array.from({ length: count }, (_, i) => `from + ${i * tile.columns}`);
  return `
    ${core.sumType}* staged = reinterpret_cast<${core.sumType}*>(shared);
#pragma unroll
    for (int block = 0; block < ${tile.warpRows / 16}; ++block) {${core.stageRows('block', stride)}
      __syncthreads();
#pragma unroll 1
      for (int run = thread; run < ${rows * perRow}; run += ${threads}) {
        const int staged_row = run / ${perRow};
        const int row = first_row + (staged_row / 16) * ${tile.warpRows} + block * 16 + staged_row % 16;
        const int column = first_column + run % ${perRow} * ${width};
        const ${core.sumType}* from = staged + staged_row * ${stride} + run % ${perRow} * ${width};
        if (row < ${m} && column < ${n}) ${printStoreRun(core.sumType, from, width)}
      }
      __syncthreads();
    }`;
}

/** See {@link printFixup}; then the epilogue. A block for each tile. */
export function printFixupBody(kernel: TensorKernel, partials: string): string {
  const { tile, core, work } = kernel;
  const { sumType, sumCount } = core;
  return `${printPlaces(kernel, false)}
#pragma unroll
  for (int i = 0; i < ${sumCount}; ++i) reinterpret_cast<${sumType}*>(sums)[i] = 0;
${printFixup(work, { threads: tensorThreads(tile), sumType, sumCount, partials })}
${printTilePlace(work, tile.rows, tile.columns)}
${printResults(kernel)}`;
}
