import { printStoreRun } from '../tensor/store-run.js';
import { groupColumns } from './choose.js';
import { consumerThreads, type WarpgroupKernel } from './kernel.js';

/** Columns of each b that a warp puts through shared memory at a time; together at most 32. */
const partColumns = (count: number): number => (count === 1 ? 32 : count === 2 ? 16 : 8);
/** Eight more than a multiple of 32, so that eight rows of pairs meet each bank once. */
const stagedStride = (count: number): number => (count === 3 ? 40 : count * partColumns(count) + 8);

/** Bytes for the sums on their way to the epilogue: 16 rows for each warp. */
export const stagingBytes = (count: number): number => (consumerThreads / 32) * 16 * stagedStride(count) * 4;

/** Each warp puts its sums through shared memory of its own, so that its lanes run the epilogue on neighbouring columns. */
export function printResults({
  operands,
  tile,
  sumType,
  stagingOffset,
  m,
  n,
  runWidth: width,
}: WarpgroupKernel): string {
  const count = operands.length - 1;
  const columns = partColumns(count);
  const stride = stagedStride(count);
  const own = groupColumns(tile);
  const perRow = columns / width;
  const from = Array.from({ length: count }, (_, i) => `from + ${i * columns}`);
  const [groupRow, groupColumn] = tile.rows === 128 ? ['group * 64', '0'] : ['0', `group * ${own}`];
  return `
        ${sumType}* staged = reinterpret_cast<${sumType}*>(shared + ${stagingOffset}) + (thread >> 5) * ${16 * stride};
        const int warp_row = first_row + ${groupRow} + ((thread >> 5) & 3) * 16;
        const int warp_column = first_column + ${groupColumn};
#pragma unroll
        for (int part = 0; part < ${own / columns}; ++part) {
#pragma unroll
          for (int which = 0; which < ${count}; ++which)
#pragma unroll
            for (int j = 0; j < ${columns / 8}; ++j)
#pragma unroll
              for (int half = 0; half < 2; ++half) {
                ${sumType}* to = staged + ((lane >> 2) + half * 8) * ${stride} + which * ${columns} + j * 8 + (lane & 3) * 2;
                const int first = (part * ${columns / 8} + j) * 4 + 2 * half;
                *reinterpret_cast<${sumType}2*>(to) = make_${sumType}2(sums[which][first], sums[which][first + 1]);
              }
          __syncwarp();
#pragma unroll 1
          for (int run = lane; run < ${16 * perRow}; run += 32) {
            const int row = warp_row + run / ${perRow};
            const int column = warp_column + part * ${columns} + run % ${perRow} * ${width};
            const ${sumType}* from = staged + run / ${perRow} * ${stride} + run % ${perRow} * ${width};
            if (row < ${m} && column < ${n}) ${printStoreRun(sumType, from, width)}
          }
          __syncwarp();
        }`;
}
