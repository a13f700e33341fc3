import type { Helper } from '../kernel/helper.js';
import type { MatmulProblem } from './problem.js';

/** How a product of few rows (m ≤ 8) with a matrix is divided. */
export interface VectorTile {
  /**
   * `depth`: lanes walk along k, in chunks of `width` elements, and add up by shuffles. `outer`: each lane has
   * `width` columns of its own. `quantized` and `int8`: lanes walk along k in groups of 32 elements that are
   * dequantized in registers; with `int8` the activations are rounded to int8, by groups of 32, and multiplied by dp4a.
   */
  readonly form: 'depth' | 'outer' | 'quantized' | 'int8';
  readonly width: number;
  readonly warps: number;
  /** Columns that a warp has at a time (not of `outer`). */
  readonly columns: number;
  /** Warps that divide k among them (of `outer`: all). */
  readonly split: number;
  /** Elements of each row of a that are in shared memory at a time, a multiple of 1024. */
  readonly depth: number;
  /** Of `outer`: rows of b that a warp asks for before it waits for the first. */
  readonly unroll: number;
}

/** What the form `int8` calls. */
export const multiplyAddBytes: Helper = {
  name: 'multiply_add_bytes',
  text: ({ intrinsics }) => `
__device__ __forceinline__ int multiply_add_bytes(int x, int y, int sum) {
  ${intrinsics.multiplyAddBytes}
}`,
};

/** Four floats of padding after each 32, so that lanes 32 floats apart read 16 bytes each without bank conflicts. */
const padded = (elements: number): number => (elements / 32) * 36;
const place = (index: string): string => `(${index} + (${index} >> 5) * 4)`;

/** Result columns that a block makes. */
export function vectorColumns(tile: Omit<VectorTile, 'unroll'>): number {
  return tile.form === 'outer' ? 32 * tile.width : (tile.warps / tile.split) * tile.columns;
}

export function printVectorKernel(problem: MatmulProblem, tile: VectorTile): string {
  if (tile.form === 'outer') return printOuter(problem, tile);
  const { m, n, k, bs } = problem;
  const count = bs.length;
  const { columns, split, depth, warps } = tile;
  const width = tile.form === 'depth' ? tile.width : 32;
  const blocks = Math.ceil(n / vectorColumns(tile));
  const perColumn = count * columns * m;
  return `
${tile.form === 'int8' ? sharedInt8(m, depth) : `  __shared__ __align__(16) float row_a[${m}][${padded(depth)}];`}
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const int part = warp % ${split};
  const int batch = blockIdx.x / ${blocks};
  const int first_column = (static_cast<int>(blockIdx.x % ${blocks}) * ${warps / split} + warp / ${split}) * ${columns};
  float sums[${count}][${columns}][${m}] = {};
#pragma unroll 1
  for (int first_depth = 0; first_depth < ${k}; first_depth += ${depth}) {
    const int extent = min(${depth}, ${k} - first_depth);
    if (first_depth > 0) __syncthreads();
${tile.form === 'int8' ? stageInt8(m, warps) : stageFloat(m, warps)}
    __syncthreads();
    for (int depth = (part * 32 + lane) * ${width}; depth < extent; depth += ${split * 32 * width}) {
#pragma unroll
      for (int j = 0; j < ${columns}; ++j) {
        const int column = min(first_column + j, ${n - 1});
${bs.map((_, i) => (tile.form === 'depth' ? useChunk(i, m, width) : tile.form === 'int8' ? useInt8(i, m) : useGroup(i, m))).join('\n')}
      }
    }
  }
${reduceLanes(m, n, tile, count, perColumn)}`;
}

const stageFloat = (m: number, warps: number): string => `
#pragma unroll
    for (int row = 0; row < ${m}; ++row)
      for (int depth = threadIdx.x; depth < extent; depth += ${warps * 32})
        row_a[row][${place('depth')}] = load_a(batch, row, first_depth + depth);`;

const useChunk = (i: number, m: number, width: number): string => `        {
          float b[${width}];
          load_chunk_b${i}(batch, first_depth + depth, column, b);
#pragma unroll
          for (int row = 0; row < ${m}; ++row)
#pragma unroll
            for (int e = 0; e < ${width}; ++e) sums[${i}][j][row] = fmaf(row_a[row][${place('depth')} + e], b[e], sums[${i}][j][row]);
        }`;

const useGroup = (i: number, m: number): string => `        {
          Group group;
          load_group_b${i}(batch, (first_depth + depth) / 32, column, group);
          float b[32];
#pragma unroll
          for (int e = 0; e < 32; ++e) b[e] = group_element(group, e);
#pragma unroll
          for (int row = 0; row < ${m}; ++row) {
            const float4* a = reinterpret_cast<const float4*>(&row_a[row][(depth >> 5) * 36]);
#pragma unroll
            for (int e = 0; e < 8; ++e) {
              const float4 four = a[e];
              float sum = sums[${i}][j][row];
              sum = fmaf(four.x, b[4 * e], sum);
              sum = fmaf(four.y, b[4 * e + 1], sum);
              sum = fmaf(four.z, b[4 * e + 2], sum);
              sums[${i}][j][row] = fmaf(four.w, b[4 * e + 3], sum);
            }
          }
        }`;

/** 48 bytes for each 32 elements, so that 16-byte reads of neighbouring lanes meet no bank twice. */
const sharedInt8 = (m: number, depth: number): string => `
  __shared__ __align__(16) signed char row_a[${m}][${(depth / 32) * 48}];
  __shared__ float scale_a[${m}][${depth / 32}];
  __shared__ float sum_a[${m}][${depth / 32}];`;

const stageInt8 = (m: number, warps: number): string => `
    for (int group = warp; group < extent / 32; group += ${warps}) {
#pragma unroll
      for (int row = 0; row < ${m}; ++row) {
        const float x = load_a(batch, row, first_depth + group * 32 + lane);
        float greatest = fabsf(x);
        for (int other = 16; other > 0; other /= 2) greatest = fmaxf(greatest, __shfl_xor_sync(0xffffffffu, greatest, other));
        const float scale = greatest / 127.0f;
        const int quant = __float2int_rn(greatest == 0.0f ? 0.0f : x / scale);
        int sum = quant;
        for (int other = 16; other > 0; other /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, other);
        row_a[row][group * 48 + lane] = static_cast<signed char>(quant);
        if (lane == 0) {
          scale_a[row][group] = scale;
          sum_a[row][group] = scale * float(sum);
        }
      }
    }`;

const useInt8 = (i: number, m: number): string => `        {
          Group group;
          load_group_b${i}(batch, (first_depth + depth) / 32, column, group);
          const int at = depth >> 5;
#pragma unroll
          for (int row = 0; row < ${m}; ++row) {
            const int4* a = reinterpret_cast<const int4*>(&row_a[row][at * 48]);
            const int4 low = a[0];
            const int4 high = a[1];
            int first = multiply_add_bytes(low.x, int(group.quants[0]), 0);
            first = multiply_add_bytes(low.y, int(group.quants[1]), first);
            first = multiply_add_bytes(low.z, int(group.quants[2]), first);
            first = multiply_add_bytes(low.w, int(group.quants[3]), first);
            int last = multiply_add_bytes(high.x, int(group.quants[4]), 0);
            last = multiply_add_bytes(high.y, int(group.quants[5]), last);
            last = multiply_add_bytes(high.z, int(group.quants[6]), last);
            last = multiply_add_bytes(high.w, int(group.quants[7]), last);
            const float scaled = fmaf(group.scale[0], float(first), group.scale[1] * float(last));
            sums[${i}][j][row] = fmaf(scale_a[row][at], scaled, fmaf(group.offset, sum_a[row][at], sums[${i}][j][row]));
          }
        }`;

/** Sums over lanes by shuffles, over the warps that divide k through shared memory; one lane stores each result. */
function reduceLanes(m: number, n: number, tile: VectorTile, count: number, sums: number): string {
  const { columns, split, warps } = tile;
  const results = Array.from({ length: count }, (_, i) => `result[${i}]`).join(', ');
  const storing = `
  if (lane < ${columns * m}) {
    const int column = first_column + lane / ${m};
    if (column < ${n}) store(batch, lane % ${m}, column, ${results});
  }`;
  const gather = `
  float result[${count}] = {};
#pragma unroll
  for (int which = 0; which < ${count}; ++which)
#pragma unroll
    for (int j = 0; j < ${columns}; ++j)
#pragma unroll
      for (int row = 0; row < ${m}; ++row) {
        float sum = sums[which][j][row];
        for (int other = 16; other > 0; other /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, other);
        if (lane == j * ${m} + row) result[which] = sum;
      }`;
  if (split === 1) return gather + storing;
  return `
  __shared__ float partial[${warps}][${sums}];${gather}
  if (lane < ${columns * m})
#pragma unroll
    for (int which = 0; which < ${count}; ++which) partial[warp][which * ${columns * m} + lane] = result[which];
  __syncthreads();
  if (part != 0) return;
  if (lane < ${columns * m})
#pragma unroll
    for (int which = 0; which < ${count}; ++which)
#pragma unroll
      for (int other = 1; other < ${split}; ++other) result[which] += partial[warp + other][which * ${columns * m} + lane];
${storing}`;
}

/** Rows of b lie along n: each lane has `width` columns, each warp every so many rows of b. */
function printOuter(problem: MatmulProblem, tile: VectorTile): string {
  const { m, n, k, bs } = problem;
  const count = bs.length;
  const { width, warps, depth } = tile;
  const blocks = Math.ceil(n / (32 * width));
  const rowLength = 32 * width;
  return `
  __shared__ __align__(16) float row_a[${m}][${depth}];
  __shared__ float partial[${warps}][${rowLength}];
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const int batch = blockIdx.x / ${blocks};
  const int first_column = (static_cast<int>(blockIdx.x % ${blocks}) * 32 + lane) * ${width};
  const int column = min(first_column, ${n - width});
  float sums[${count}][${m}][${width}] = {};
#pragma unroll 1
  for (int first_depth = 0; first_depth < ${k}; first_depth += ${depth}) {
    const int extent = min(${depth}, ${k} - first_depth);
    if (first_depth > 0) __syncthreads();
#pragma unroll
    for (int row = 0; row < ${m}; ++row)
      for (int depth = threadIdx.x; depth < extent; depth += ${warps * 32})
        row_a[row][depth] = load_a(batch, row, first_depth + depth);
    __syncthreads();
#pragma unroll ${tile.unroll}
    for (int depth = warp; depth < extent; depth += ${warps}) {
${bs
  .map(
    (_, i) => `      {
        float b[${width}];
        load_chunk_b${i}(batch, first_depth + depth, column, b);
#pragma unroll
        for (int row = 0; row < ${m}; ++row)
#pragma unroll
          for (int e = 0; e < ${width}; ++e) sums[${i}][row][e] = fmaf(row_a[row][depth], b[e], sums[${i}][row][e]);
      }`,
  )
  .join('\n')}
    }
  }
  float totals[${count}];
#pragma unroll
  for (int row = 0; row < ${m}; ++row) {
#pragma unroll
    for (int which = 0; which < ${count}; ++which) {
      __syncthreads();
#pragma unroll
      for (int e = 0; e < ${width}; ++e) partial[warp][e * 32 + lane] = sums[which][row][e];
      __syncthreads();
      totals[which] = 0.0f;
      if (threadIdx.x < ${rowLength})
        for (int other = 0; other < ${warps}; ++other) totals[which] += partial[other][threadIdx.x];
    }
    if (threadIdx.x < ${rowLength}) {
      const int own = static_cast<int>(blockIdx.x % ${blocks}) * ${rowLength} + lane * ${width} + warp;
      if (own < ${n}) store(batch, row, own, ${bs.map((_, i) => `totals[${i}]`).join(', ')});
    }
  }`;
}
