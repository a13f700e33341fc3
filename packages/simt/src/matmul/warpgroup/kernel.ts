import { dynamicShared } from '../../kernel/dynamic-shared.js';
import { formatBytes, type TensorFormat } from '../tensor/format.js';
import { tileBytes } from '../tensor/shared-tile.js';
import { printTransfer } from '../tensor/transfer.js';
import { isShared, printFixup, printTilePlace, type Work } from '../tensor/work.js';
import { groupColumns, multiplyingGroups, type WarpgroupTile } from './choose.js';
import { rowBytes, type WarpgroupOperand } from './operand.js';
import { printResults } from './results.js';
import { printUnits } from './units.js';

export interface WarpgroupKernel {
  readonly operands: readonly WarpgroupOperand[];
  readonly tile: WarpgroupTile;
  readonly format: TensorFormat;
  readonly sumType: 'float' | 'int';
  readonly stageBytes: number;
  readonly stagingOffset: number;
  readonly barrierOffset: number;
  readonly work: Work;
  readonly blocks: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Columns that go through the epilogue together: one where what is converted leaves no registers for more. */
  readonly runWidth: 1 | 4;
  /** C++ names of the function that multiplies, for each b. */
  readonly multiply: readonly string[];
  /** C++ of the copies of one stage, by one thread. */
  readonly copies: string;
}

export const consumerThreads = 128 * multiplyingGroups;

const hasRegisters = ({ operands }: WarpgroupKernel): boolean => operands.some(({ bulk }) => !bulk);
const isClustered = ({ tile }: WarpgroupKernel): boolean => tile.cluster > 1;
const hasBulk = ({ operands }: WarpgroupKernel): boolean => operands.some(({ bulk }) => bulk);

/** One warp that issues copies; eight where something passes through their registers. */
export const producerThreads = (kernel: WarpgroupKernel): number => (hasRegisters(kernel) ? 256 : 32);

/** Chunks are swizzled by the bits of their address that count rows of 128 bytes. */
/** Of a thread that multiplies, or adds up. */
const printPlaces = ({ operands, tile, sumType }: WarpgroupKernel): string => `
  const int thread = threadIdx.x;
  const int lane = thread & 31;
  const int group = thread >> 7;
  ${sumType} sums[${operands.length - 1}][${groupColumns(tile) / 2}];`;

/** Of a thread that multiplies. */
export const sumCount = ({ operands, tile }: WarpgroupKernel): number =>
  ((operands.length - 1) * groupColumns(tile)) / 2;

const clearSums = (kernel: WarpgroupKernel): string => `
#pragma unroll
    for (int i = 0; i < ${sumCount(kernel)}; ++i) reinterpret_cast<${kernel.sumType}*>(sums)[i] = 0;`;

/**
 * Warps that bring tiles into shared memory, and two warpgroups that multiply them. A stage has two barriers: `full`
 * completes when all of its bytes are there, `empty` when every multiplying warp is done with it, of all blocks that
 * the next copies go to. A block of a cluster ends with the others: until then they may arrive at its barriers.
 */
export function printWarpgroupBody(kernel: WarpgroupKernel, partials: string): string {
  const { tile, barrierOffset } = kernel;
  const arrivals = (hasBulk(kernel) ? 1 : 0) + (hasRegisters(kernel) ? producerThreads(kernel) : 0);
  const [begin, end] = isClustered(kernel)
    ? ['cluster_synchronize();\n  const unsigned rank = cluster_rank();', '\n  cluster_synchronize();']
    : ['__syncthreads();', ''];
  return `
  ${dynamicShared}
  const unsigned shared_base = shared_address(shared);
  const unsigned full = shared_base + ${barrierOffset};
  const unsigned empty = full + ${tile.stages * 8};
  if (threadIdx.x == 0) {
    for (int stage = 0; stage < ${tile.stages}; ++stage) {
      barrier_initialize(full + stage * 8, ${arrivals});
      barrier_initialize(empty + stage * 8, ${(consumerThreads / 32) * tile.cluster});
    }${isClustered(kernel) ? '\n    fence_barriers();' : ''}
    fence_proxy();
  }
  ${begin}
  if (threadIdx.x >= ${consumerThreads}) {${hasRegisters(kernel) ? printConvertingProducer(kernel) : printCopyingProducer(kernel)}
  } else {${printConsumer(kernel, partials)}
  }${end}`;
}

const nextStage = ({ tile }: WarpgroupKernel): string => `
          if (++stage == ${tile.stages}) {
            stage = 0;
            parity ^= 1;
          }`;

/** All operands by bulk copies, which one thread begins: a stage for each, as soon as it is empty. */
function printCopyingProducer(kernel: WarpgroupKernel): string {
  const { tile, work, blocks } = kernel;
  const wait = isClustered(kernel) ? 'barrier_wait_for_cluster' : 'barrier_wait';
  const loop = `${printTilePlace(work, tile.rows, tile.columns)}
#pragma unroll 1
        for (int next_step = first_step; next_step < end_step; ++next_step) {
          ${wait}(empty + stage * 8, parity ^ 1);${printCopies(kernel)}${nextStage(kernel)}
        }`;
  return `
    int stage = 0;
    unsigned parity = 0;
    if (threadIdx.x == ${consumerThreads}) {${printUnits(work, blocks, loop)}
    }`;
}

const printCopies = ({ operands, copies }: WarpgroupKernel): string => {
  const bytes = operands.reduce((sum, { bulk, plan }) => sum + (bulk ? tileBytes(plan.tile) : 0), 0);
  return `
            barrier_arrive_expecting(full + stage * 8, ${bytes});${copies}`;
};

/** Steps whose loads are on their way into registers at a time: bytes are made of so much more that one is enough. */
const turnsOf = (format: TensorFormat): number => (formatBytes[format] === 1 ? 1 : 2);

/** What has to be dequantized, or goes through a prologue, passes through registers, which steps take in turn. */
function printConvertingProducer(kernel: WarpgroupKernel): string {
  const { operands, tile, format, stageBytes, work, blocks, k } = kernel;
  const threads = producerThreads(kernel);
  const turns = turnsOf(format);
  const depth = rowBytes / formatBytes[format];
  const geometry = { threads, depth, k, stageBytes, format, turns: { count: turns, at: 'turn' } };
  const transfers = operands.filter(({ bulk }) => !bulk).map(({ plan }) => printTransfer(plan, geometry));
  const join = (part: 'begin' | 'fetch' | 'put') => transfers.map((transfer) => transfer[part]).join('');
  const loop = `${printTilePlace(work, tile.rows, tile.columns)}${join('begin')}
#pragma unroll
        for (int turn = 0; turn < ${turns}; ++turn) {
          const int next_step = first_step + turn;
          if (next_step < end_step) {${join('fetch')}
          }
        }
#pragma unroll 1
        for (int step = first_step; step < end_step; step += ${turns}) {
#pragma unroll
          for (int turn = 0; turn < ${turns}; ++turn) {
            if (step + turn >= end_step) break;
            barrier_wait(empty + stage * 8, parity ^ 1);
${hasBulk(kernel) ? `            if (thread == 0) {\n            const int next_step = step + turn;${printCopies(kernel)}\n            }` : ''}${join('put')}
            fence_proxy();
            barrier_arrive(full + stage * 8);${nextStage(kernel)}
            const int next_step = step + turn + ${turns};
            if (next_step < end_step) {${join('fetch')}
            }
          }
        }`;
  return `
    const int thread = threadIdx.x - ${consumerThreads};
    int stage = 0;
    unsigned parity = 0;
${printUnits(work, blocks, loop)}`;
}

/** Descriptor of a matrix in shared memory, without its address: swizzled in rows of 128 bytes (PTX ISA, "Matrix descriptor"). */
function descriptorOf({ plan }: WarpgroupOperand): string {
  const [swizzle128, eightRows] = [1n << 62n, (8n * BigInt(rowBytes)) >> 4n];
  const panel = plan.tile.layout === 'outer' ? BigInt(plan.tile.depth * rowBytes) >> 4n : 1n;
  return `0x${(swizzle128 | (eightRows << 32n) | (panel << 16n)).toString(16)}ull`;
}

function printConsumer(kernel: WarpgroupKernel, partials: string): string {
  const { operands, tile, stageBytes, work, blocks, multiply } = kernel;
  const [a, ...bs] = operands as readonly [WarpgroupOperand, ...WarpgroupOperand[]];
  const own = groupColumns(tile);
  // What a warpgroup has of a tile begins so far behind its start, and steps of 32 bytes of k are so far apart.
  const begin = ({ plan }: WarpgroupOperand, extent: number) =>
    plan.tile.layout === 'depth'
      ? extent * rowBytes
      : ((extent * plan.tile.elementBytes) / rowBytes) * plan.tile.depth * rowBytes;
  const advance = ({ plan }: WarpgroupOperand) =>
    plan.tile.layout === 'depth' ? 32 / 16 : ((32 / plan.tile.elementBytes) * rowBytes) / 16;
  const part =
    tile.rows === 128 ? { a: begin(a, 64), b: () => 0 } : { a: 0, b: (b: WarpgroupOperand) => begin(b, own) };
  // An address in a cluster may have bits above those of a block's own memory, which are no part of a descriptor.
  const descriptor = (operand: WarpgroupOperand, offset: number) =>
    `${descriptorOf(operand)} | ((shared_base + ${operand.plan.offset} + group * ${offset}) >> 4 & 0x3fff)`;
  const threads = consumerThreads;
  const count = sumCount(kernel);
  const release = (stage: string) =>
    isClustered(kernel)
      ? `if (lane < ${tile.cluster}) barrier_arrive_in_cluster(empty_in_block + ${stage} * 8);`
      : `if (lane == 0) barrier_arrive(empty + ${stage} * 8);`;
  const loop = `${printTilePlace(work, tile.rows, tile.columns)}${clearSums(kernel)}
        int last_stage = 0;
#pragma unroll 1
        for (int step = first_step; step < end_step; ++step) {
          barrier_wait(full + stage * 8, parity);
          const int ahead = stage * ${stageBytes / 16};
          warpgroup_begin();
#pragma unroll
          for (int inner = 0; inner < 4; ++inner) {
${bs
  .map(
    (b, i) =>
      `            ${multiply[i]}(sums[${i}], descriptor_a + (ahead + inner * ${advance(a)}), descriptor_b${i} + (ahead + inner * ${advance(b)}));`,
  )
  .join('\n')}
          }
          warpgroup_commit();
          // The multiplications of the step before are done: its stage may be filled again.
          warpgroup_wait<1>();
          if (step > first_step) ${release('last_stage')}
          last_stage = stage;${nextStage(kernel)}
        }
        warpgroup_wait<0>();
        ${release('last_stage')}
#pragma unroll
        for (int i = 0; i < ${count}; ++i) asm volatile("" : "+${kernel.sumType === 'int' ? 'r' : 'f'}"(reinterpret_cast<${kernel.sumType}*>(sums)[i]) :: "memory");
${
  isShared(work)
    ? `        if (first_step > 0 || end_step < ${work.steps}) {
          ${kernel.sumType}* to = ${partials} + static_cast<long long>(2 * worker + (first_step > 0 ? 0 : 1)) * ${threads * count} + thread;
#pragma unroll
          for (int i = 0; i < ${count}; ++i) to[i * ${threads}] = reinterpret_cast<${kernel.sumType}*>(sums)[i];
        } else {${printResults(kernel)}
        }`
    : printResults(kernel)
}`;
  return `${printPlaces(kernel)}
    const unsigned long long descriptor_a = ${descriptor(a, part.a)};
${bs.map((b, i) => `    const unsigned long long descriptor_b${i} = ${descriptor(b, part.b(b))};`).join('\n')}
${isClustered(kernel) ? `    const unsigned empty_in_block = address_in_block(empty, lane % ${tile.cluster});\n` : ''}    int stage = 0;
    unsigned parity = 0;
${printUnits(work, blocks, loop)}`;
}

/** See {@link printFixup}. */
export function printWarpgroupFixup(kernel: WarpgroupKernel, partials: string): string {
  const { tile, work, sumType } = kernel;
  return `
  ${dynamicShared}${printPlaces(kernel)}${clearSums(kernel)}
${printFixup(work, { threads: consumerThreads, sumType, sumCount: sumCount(kernel), partials })}
${printTilePlace(work, tile.rows, tile.columns)}
${printResults(kernel)}`;
}
