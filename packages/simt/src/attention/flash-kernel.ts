import { floatLiteral } from '../expression/index.js';
import { dynamicShared } from '../kernel/dynamic-shared.js';
import { loadPages } from './pages.js';
import type { AttentionProblem } from './problem.js';

/** What a block of 256 threads has at a time. */
export interface FlashTile {
  /** Heads of queries, all of one head of keys, so that keys and values are read once for all of them. */
  readonly heads: number;
  readonly keys: number;
}

export const flashThreads = 256;
/** Positions of queries. */
export const flashRows = 64;

const rowStride = flashRows + 4;

/** Dynamic shared memory: queries, keys (then values), weights. */
export function flashSharedBytes({ size, valueSize }: AttentionProblem, { heads, keys }: FlashTile): number {
  return 4 * (heads * size * rowStride + keyFloats(size, valueSize, keys) + keys * rowStride);
}

/** Of a tile of keys, by columns, or of values; a multiple of four. */
const keyFloats = (size: number, valueSize: number, keys: number): number =>
  Math.ceil(Math.max(size * (keys + 1), keys * (valueSize + 4)) / 4) * 4;

/**
 * Flash attention (Dao et al., 2022) in float32: tiles of keys and values pass through shared memory once for 64
 * positions, and the softmax is corrected as greater scores turn up. A thread has 4 rows by 4 keys of the scores, and
 * 4 rows by every 16th column of the output.
 */
export function printFlashKernel(problem: AttentionProblem, tile: FlashTile): string {
  const { queries, size, valueSize, keyHeads, group } = problem;
  const { heads, keys } = tile;
  const tiles = Math.ceil(queries / flashRows);
  const parts = group / heads;
  const perKey = keys / 16;
  const columns = Math.ceil(valueSize / 16);
  const lowest = floatLiteral(Number.NEGATIVE_INFINITY);
  return `
  ${dynamicShared}
  float* const query_tile = reinterpret_cast<float*>(shared);
  float* const key_tile = query_tile + ${heads * size * rowStride};
  float* const weights = key_tile + ${keyFloats(size, valueSize, keys)};
  const int thread = threadIdx.x;
  const int thread_row = thread / 16;
  const int thread_column = thread % 16;
  const int first_position = static_cast<int>(blockIdx.x % ${tiles}) * ${flashRows};
  const int key_head = blockIdx.x / ${tiles * parts} % ${keyHeads};
  const int first_head = key_head * ${group} + static_cast<int>(blockIdx.x / ${tiles} % ${parts}) * ${heads};
  const int batch = blockIdx.x / ${tiles * parts * keyHeads};
  const int length = key_count(batch);
  const int first = first_key(batch);
  const int end = end_for(length, min(first_position + ${flashRows}, ${queries}) - 1);
  for (int element = thread; element < ${heads * flashRows * size}; element += ${flashThreads}) {
    const int i = element % ${size};
    const int row = element / ${size} % ${flashRows};
    const int head = element / ${size * flashRows};
    const bool is_inside = first_position + row < ${queries};
    query_tile[(head * ${size} + i) * ${rowStride} + row] = is_inside ? load_query(batch, first_head + head, first_position + row, i) : 0.0f;
  }
  float outputs[${heads}][4][${columns}] = {};
  float greatest[${heads}][4];
  float sums[${heads}][4];
#pragma unroll
  for (int head = 0; head < ${heads}; ++head)
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      greatest[head][i] = ${lowest};
      sums[head][i] = 0.0f;
    }
  float scores[${heads}][4][${perKey}];
#pragma unroll 1
  for (int first_index = first / ${keys} * ${keys}; first_index < end; first_index += ${keys}) {
    ${loadPages(problem, 'max(first_index, first)', `min(first_index + ${keys}, end)`)}
    __syncthreads();
    for (int element = thread; element < ${keys * size}; element += ${flashThreads}) {
      const int i = element % ${size};
      const int key = element / ${size};
      const int index = first_index + key;
      key_tile[i * ${keys + 1} + key] = index >= first && index < end ? load_key(batch, key_head, index, i) : 0.0f;
    }
    __syncthreads();
#pragma unroll
    for (int head = 0; head < ${heads}; ++head)
#pragma unroll
      for (int i = 0; i < 4; ++i)
#pragma unroll
        for (int j = 0; j < ${perKey}; ++j) scores[head][i][j] = 0.0f;
#pragma unroll 4
    for (int i = 0; i < ${size}; ++i) {
      float key[${perKey}];
#pragma unroll
      for (int j = 0; j < ${perKey}; ++j) key[j] = key_tile[i * ${keys + 1} + thread_column + 16 * j];
#pragma unroll
      for (int head = 0; head < ${heads}; ++head) {
        const float4 rows = *reinterpret_cast<const float4*>(query_tile + (head * ${size} + i) * ${rowStride} + thread_row * 4);
#pragma unroll
        for (int j = 0; j < ${perKey}; ++j) {
          scores[head][0][j] = fmaf(rows.x, key[j], scores[head][0][j]);
          scores[head][1][j] = fmaf(rows.y, key[j], scores[head][1][j]);
          scores[head][2][j] = fmaf(rows.z, key[j], scores[head][2][j]);
          scores[head][3][j] = fmaf(rows.w, key[j], scores[head][3][j]);
        }
      }
    }
    __syncthreads();
    bool is_finite = true;
    for (int element = thread; element < ${keys * valueSize}; element += ${flashThreads}) {
      const int i = element % ${valueSize};
      const int key = element / ${valueSize};
      const int index = first_index + key;
      const float value = index >= first && index < end ? load_value(batch, key_head, index, i) : 0.0f;
      is_finite = is_finite && fabsf(value) < ${floatLiteral(Number.POSITIVE_INFINITY)};
      key_tile[key * ${valueSize + 4} + i] = value;
    }
    const bool all_finite = __syncthreads_and(is_finite);
#pragma unroll
    for (int head = 0; head < ${heads}; ++head) {
      if (head > 0) __syncthreads();
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int position = first_position + thread_row * 4 + i;
        const int row_end = position < ${queries} ? end_for(length, position) : 0;
        float most = greatest[head][i];
#pragma unroll
        for (int j = 0; j < ${perKey}; ++j) {
          const int index = first_index + thread_column + 16 * j;
          scores[head][i][j] = index >= first && index < row_end ? score(batch, first_head + head, position, index, scores[head][i][j]) : ${lowest};
          most = fmaxf(most, scores[head][i][j]);
        }
        for (int other = 8; other > 0; other /= 2) most = fmaxf(most, __shfl_xor_sync(0xffffffffu, most, other));
        const float reference = most == ${lowest} ? 0.0f : most;
        const float correction = expf(greatest[head][i] - reference);
        greatest[head][i] = most;
        float sum = 0.0f;
#pragma unroll
        for (int j = 0; j < ${perKey}; ++j) {
          const float weight = expf(scores[head][i][j] - reference);
          sum += weight;
          scores[head][i][j] = weight;
        }
        for (int other = 8; other > 0; other /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, other);
        sums[head][i] = fmaf(sums[head][i], correction, sum);
#pragma unroll
        for (int j = 0; j < ${columns}; ++j) outputs[head][i][j] *= correction;
      }
#pragma unroll
      for (int j = 0; j < ${perKey}; ++j)
        *reinterpret_cast<float4*>(weights + (thread_column + 16 * j) * ${rowStride} + thread_row * 4) =
          make_float4(scores[head][0][j], scores[head][1][j], scores[head][2][j], scores[head][3][j]);
      __syncthreads();
${printOutputs(problem, tile)}
    }
  }
#pragma unroll
  for (int head = 0; head < ${heads}; ++head)
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int position = first_position + thread_row * 4 + i;
      if (position >= ${queries}) continue;
      const float factor = sums[head][i] == 0.0f ? 0.0f : 1.0f / sums[head][i];
#pragma unroll
      for (int j = 0; j < ${columns}; ++j) {
        const int column = thread_column + 16 * j;
        if (column < ${valueSize}) store(batch, first_head + head, position, column, outputs[head][i][j] * factor);
      }
      if (thread_column == 0) store_sum(batch, first_head + head, position, sums[head][i] == 0.0f ? ${lowest} : greatest[head][i] + logf(sums[head][i]));
    }`;
}

/** A weight of 0 counts nothing, whatever the value is; only where a value is not finite does that need a look. */
function printOutputs({ valueSize }: AttentionProblem, { keys }: FlashTile): string {
  const columns = Math.ceil(valueSize / 16);
  const value = `${valueSize % 16 === 0 ? '' : `thread_column + 16 * j >= ${valueSize} ? 0.0f : `}key_tile[key * ${valueSize + 4} + thread_column + 16 * j]`;
  const loop = (unroll: number, add: (row: number, weight: string) => string): string => `
#pragma unroll ${unroll}
        for (int key = 0; key < ${keys}; ++key) {
          const float4 weight = *reinterpret_cast<const float4*>(weights + key * ${rowStride} + thread_row * 4);
#pragma unroll
          for (int j = 0; j < ${columns}; ++j) {
            const float value = ${value};
            ${['weight.x', 'weight.y', 'weight.z', 'weight.w'].map((weight, row) => add(row, weight)).join('\n            ')}
          }
        }`;
  const fused = (row: number, weight: string) =>
    `outputs[head][${row}][j] = fmaf(${weight}, value, outputs[head][${row}][j]);`;
  return `      if (all_finite) {${loop(4, fused)}
      } else {${loop(1, (row, weight) => `if (${weight} != 0.0f) ${fused(row, weight)}`)}
      }`;
}
