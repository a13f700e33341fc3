import type { LoadsAhead } from '../../schedule/index.js';
import { printMultiplyAdd, sumTypeOf, type TensorFormat } from './format.js';
import { fragmentAddress } from './shared-tile.js';
import type { OperandPlan } from './sources.js';

/** Tile of results of a block and of its warps; powers of two. */
export interface TensorTile {
  readonly rows: number;
  /** Of each b. */
  readonly columns: number;
  /** Of k, in bytes of a row of shared memory: 64 or 128. */
  readonly depthBytes: number;
  readonly warpRows: number;
  readonly warpColumns: number;
  readonly stages: number;
  /** Fragments of the next 32 bytes of k are loaded while those at hand are multiplied. */
  readonly fragmentBuffers: 1 | 2;
  readonly loadsAhead: LoadsAhead;
}

export const tensorThreads = ({ rows, columns, warpRows, warpColumns }: TensorTile): number =>
  (rows / warpRows) * (columns / warpColumns) * 32;

/** What a warp does with its part of a stage: by `mma` and `ldmatrix`, or by `wmma` on Volta. */
export interface MatrixCore {
  /** Of what is in `functions`. */
  readonly name: string;
  /** Functions and templates of file scope. */
  readonly functions: string;
  readonly sumType: 'float' | 'int';
  /** Sums of a thread, as one array `sums`. */
  readonly sumCount: number;
  readonly declareSums: string;
  /** Fragments and addresses. */
  readonly declare: string;
  /** Loads the fragments of step `step` of k within `stage` to buffer `buffer`: three C++ expressions. */
  readonly load: (stage: string, step: string, buffer: string) => string;
  readonly multiply: (buffer: string) => string;
  /** Writes block i of 16 rows of each warp to rows `warp_m * 16 …` of `staged`. */
  readonly stageRows: (block: string, stride: number) => string;
}

/** `mma.sync` with fragments as of m16n8k16; see format.ts and shared-tile.ts. */
export function mmaCore(
  plans: readonly OperandPlan[],
  tile: TensorTile,
  stageBytes: number,
  format: TensorFormat,
  capability: number,
  sumType: MatrixCore['sumType'] = sumTypeOf(format),
): MatrixCore {
  const [a, ...bs] = plans;
  const count = bs.length;
  const rowBlocks = tile.warpRows / 16;
  const columnBlocks = tile.warpColumns / 16;
  const addressA = fragmentAddress(a!.tile, 'a', `warp_m * ${tile.warpRows}`);
  const addressB = bs.map(({ tile: shared }) => fragmentAddress(shared, 'b', `warp_n * ${tile.warpColumns}`));
  const isTransposed = (plan: OperandPlan) => plan.tile.layout === 'outer';
  return {
    name: `multiply_add_${format}`,
    functions: printMultiplyAdd(format, capability),
    sumType,
    sumCount: count * rowBlocks * columnBlocks * 8,
    declareSums: `${sumType} sums[${count}][${rowBlocks}][${columnBlocks * 2}][4];`,
    declare: `
  unsigned fragments_a[${tile.fragmentBuffers}][${rowBlocks}][4];
  unsigned fragments_b[${tile.fragmentBuffers}][${count}][${columnBlocks}][4];
  const unsigned lane_a = shared_base + ${a!.offset} + ${addressA.lane};
${bs.map((b, i) => `  const unsigned lane_b${i} = shared_base + ${b.offset} + ${addressB[i]!.lane};`).join('\n')}`,
    load: (stage, step, buffer) => `
#pragma unroll
        for (int i = 0; i < ${rowBlocks}; ++i)
          load_matrices<${isTransposed(a!)}>(fragments_a[${buffer}][i], (lane_a ^ (${addressA.xor('i', step)})) + ${stage} * ${stageBytes} + ${addressA.add('i', step)});
${bs
  .map(
    (b, which) => `#pragma unroll
        for (int j = 0; j < ${columnBlocks}; ++j)
          load_matrices<${isTransposed(b)}>(fragments_b[${buffer}][${which}][j], (lane_b${which} ^ (${addressB[which]!.xor('j', step)})) + ${stage} * ${stageBytes} + ${addressB[which]!.add('j', step)});`,
  )
  .join('\n')}`,
    multiply: (buffer) => `
#pragma unroll
        for (int which = 0; which < ${count}; ++which)
#pragma unroll
          for (int i = 0; i < ${rowBlocks}; ++i)
#pragma unroll
            for (int j = 0; j < ${columnBlocks * 2}; ++j) {
              const unsigned pair[2] = {fragments_b[${buffer}][which][j / 2][j % 2 * 2], fragments_b[${buffer}][which][j / 2][j % 2 * 2 + 1]};
              multiply_add_${format}(sums[which][i][j], fragments_a[${buffer}][i], pair);
            }`,
    stageRows: (block, stride) => `
#pragma unroll
      for (int which = 0; which < ${count}; ++which)
#pragma unroll
        for (int j = 0; j < ${columnBlocks * 2}; ++j)
#pragma unroll
          for (int half = 0; half < 2; ++half) {
            ${sumType}* to = staged + (warp_m * 16 + (lane >> 2) + half * 8) * ${stride} + which * ${tile.columns} + warp_n * ${tile.warpColumns} + j * 8 + (lane & 3) * 2;
            *reinterpret_cast<${sumType}2*>(to) = make_${sumType}2(sums[which][${block}][j][2 * half], sums[which][${block}][j][2 * half + 1]);
          }`,
  };
}
