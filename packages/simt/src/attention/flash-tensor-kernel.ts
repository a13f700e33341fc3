import { floatLiteral } from '../expression/index.js';
import { dynamicShared } from '../kernel/dynamic-shared.js';
import {
  chunkAddress,
  chunksPerRow,
  fragmentAddress,
  type SharedTile,
  tileBytes,
} from '../matmul/tensor/shared-tile.js';
import type { AttentionProblem } from './problem.js';

/** What a block has at a time; four warps for each head of queries, 16 positions for each warp. */
export interface FlashTensorTile {
  readonly heads: number;
  readonly keys: number;
  readonly format: 'float16' | 'bfloat16';
  /** Keys and values are copied past the registers. */
  readonly isAsynchronous: boolean;
}

/** Positions of queries. */
export const flashTensorRows = 64;

export const flashTensorThreads = ({ heads }: FlashTensorTile): number => heads * 128;

/** Rows of 64 bytes, or of a multiple of 128. */
const paddedSize = (size: number): number => (size <= 32 ? 32 : Math.ceil(size / 64) * 64);

function tiles({ size, valueSize }: AttentionProblem, { heads, keys }: FlashTensorTile) {
  const common = { elementBytes: 2, padding: 0 } as const;
  const query: SharedTile = { ...common, layout: 'depth', extent: heads * flashTensorRows, depth: paddedSize(size) };
  const key: SharedTile = { ...common, layout: 'depth', extent: keys, depth: paddedSize(size) };
  const value: SharedTile = { ...common, layout: 'outer', extent: paddedSize(valueSize), depth: keys };
  return { query, key, value };
}

export function flashTensorSharedBytes(problem: AttentionProblem, tile: FlashTensorTile): number {
  const { query, key, value } = tiles(problem, tile);
  return tileBytes(query) + 2 * (tileBytes(key) + tileBytes(value));
}

/**
 * Flash attention on tensor cores: scores of 16 positions by all keys of a tile stay in a warp's registers, which,
 * rounded, are the fragments that the values are multiplied with. The next tile of keys and values is on its way while
 * one is multiplied; one barrier for each tile.
 */
export function printFlashTensorKernel(problem: AttentionProblem, tile: FlashTensorTile): string {
  const { queries, size, valueSize, keyHeads, group } = problem;
  const { heads, keys, format, isAsynchronous } = tile;
  const { query, key, value } = tiles(problem, tile);
  const threads = flashTensorThreads(tile);
  const tilesOfRows = Math.ceil(queries / flashTensorRows);
  const parts = group / heads;
  const keyBlocks = keys / 16;
  const sizeBlocks = Math.ceil(size / 16);
  const valueBlocks = Math.ceil(valueSize / 16);
  const stageBytes = tileBytes(key) + tileBytes(value);
  const lowest = floatLiteral(Number.NEGATIVE_INFINITY);
  const atQuery = fragmentAddress(query, 'a', 'warp * 16');
  const atKey = fragmentAddress(key, 'b', '0');
  const atValue = fragmentAddress(value, 'b', '0');
  const load = (name: 'key' | 'value', shared: SharedTile, extent: number, offset: number): string => `
      for (int chunk = thread; chunk < ${keys * Math.ceil(extent / 8)}; chunk += ${threads}) {
        const int row = chunk / ${Math.ceil(extent / 8)};
        const int place = chunk % ${Math.ceil(extent / 8)};
        const int index = first_index + row;
        const unsigned int at = ${offset} + stage * ${stageBytes} + ${chunkAddress(shared, 'row', 'place')};
        const bool is_inside = index >= first && index < end;
        ${
          isAsynchronous
            ? `copy_16(shared_base + at, is_inside ? ${name}_address(batch, key_head, index, place * 8) : ${name}_address(batch, key_head, 0, 0), is_inside);`
            : `unsigned int words[4] = {};
        if (is_inside) pack_${name}(batch, key_head, index, place * 8, words);
        *reinterpret_cast<uint4*>(shared + at) = make_uint4(words[0], words[1], words[2], words[3]);`
        }
      }`;
  const zeroRest = (shared: SharedTile, extent: number, rows: string, base: string): string => {
    const [used, all] = [Math.ceil(extent / 8), Math.min(chunksPerRow(shared), Math.ceil(extent / 16) * 2)];
    return used === all
      ? ''
      : `
  for (int row = thread; row < ${rows}; row += ${threads})
    *reinterpret_cast<uint4*>(shared + ${base} + ${chunkAddress(shared, 'row', `${used}`)}) = make_uint4(0u, 0u, 0u, 0u);`;
  };
  const keyAt = tileBytes(query);
  const valueAt = keyAt + tileBytes(key);
  return `
  ${dynamicShared}
  const unsigned int shared_base = shared_address(shared);
  const int thread = threadIdx.x;
  const int warp = thread / 32;
  const int lane = thread % 32;
  const int first_position = static_cast<int>(blockIdx.x % ${tilesOfRows}) * ${flashTensorRows};
  const int key_head = blockIdx.x / ${tilesOfRows * parts} % ${keyHeads};
  const int first_head = key_head * ${group} + static_cast<int>(blockIdx.x / ${tilesOfRows} % ${parts}) * ${heads};
  const int batch = blockIdx.x / ${tilesOfRows * parts * keyHeads};
  const int length = key_count(batch);
  const int first = first_key(batch);
  const int end = end_for(length, min(first_position + ${flashTensorRows}, ${queries}) - 1);
  const auto fetch = [&](int first_index, int stage) {${load('key', key, size, keyAt)}${load('value', value, valueSize, valueAt)}
  };
  for (int chunk = thread; chunk < ${heads * flashTensorRows * sizeBlocks * 2}; chunk += ${threads}) {
    const int row = chunk / ${sizeBlocks * 2};
    const int place = chunk % ${sizeBlocks * 2};
    const int position = first_position + row % ${flashTensorRows};
    unsigned int words[4] = {};
    if (position < ${queries}${size % 16 === 0 ? '' : ` && place * 8 < ${size}`}) pack_query(batch, first_head + row / ${flashTensorRows}, position, place * 8, words);
    *reinterpret_cast<uint4*>(shared + ${chunkAddress(query, 'row', 'place')}) = make_uint4(words[0], words[1], words[2], words[3]);
  }${[0, 1].map((stage) => zeroRest(key, size, `${keys}`, `${keyAt + stage * stageBytes}`) + zeroRest(value, valueSize, `${keys}`, `${valueAt + stage * stageBytes}`)).join('')}
  const unsigned int lane_query = shared_base + ${atQuery.lane};
  const unsigned int lane_key = shared_base + ${keyAt} + ${atKey.lane};
  const unsigned int lane_value = shared_base + ${valueAt} + ${atValue.lane};
  const int head = first_head + warp / 4;
  const int own_position = first_position + warp % 4 * 16 + lane / 4;
  float outputs[${valueBlocks * 2}][4] = {};
  float greatest[2] = {${lowest}, ${lowest}};
  float sums[2] = {0.0f, 0.0f};
  const int begin = first / ${keys} * ${keys};
  if (begin < end) fetch(begin, 0);
  ${isAsynchronous ? 'commit_copies();' : ''}
#pragma unroll 1
  for (int first_index = begin, stage = 0; first_index < end; first_index += ${keys}, stage ^= 1) {
    ${isAsynchronous ? 'wait_for_copies<0>();' : ''}
    __syncthreads();
    if (first_index + ${keys} < end) fetch(first_index + ${keys}, stage ^ 1);
    ${isAsynchronous ? 'commit_copies();' : ''}
    float scores[${keyBlocks * 2}][4] = {};
#pragma unroll
    for (int step = 0; step < ${sizeBlocks}; ++step) {
      unsigned int rows[4];
      load_matrices<false>(rows, (lane_query ^ (${atQuery.xor('0', 'step')})) + ${atQuery.add('0', 'step')});
#pragma unroll
      for (int j = 0; j < ${keyBlocks}; ++j) {
        unsigned int columns[4];
        load_matrices<false>(columns, (lane_key ^ (${atKey.xor('j', 'step')})) + stage * ${stageBytes} + ${atKey.add('j', 'step')});
        const unsigned int left[2] = {columns[0], columns[1]};
        const unsigned int right[2] = {columns[2], columns[3]};
        multiply_add_${format}(scores[2 * j], rows, left);
        multiply_add_${format}(scores[2 * j + 1], rows, right);
      }
    }
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int position = own_position + half * 8;
      const int row_end = position < ${queries} ? end_for(length, position) : 0;
      float most = greatest[half];
#pragma unroll
      for (int j = 0; j < ${keyBlocks * 2}; ++j)
#pragma unroll
        for (int e = 0; e < 2; ++e) {
          const int index = first_index + j * 8 + (lane & 3) * 2 + e;
          float& own = scores[j][2 * half + e];
          own = index >= first && index < row_end ? score(batch, head, position, index, own) : ${lowest};
          most = fmaxf(most, own);
        }
      most = fmaxf(most, __shfl_xor_sync(0xffffffffu, most, 1));
      most = fmaxf(most, __shfl_xor_sync(0xffffffffu, most, 2));
      const float reference = most == ${lowest} ? 0.0f : most;
      const float correction = exp2f((greatest[half] - reference) * 1.44269504f);
      greatest[half] = most;
      float sum = 0.0f;
#pragma unroll
      for (int j = 0; j < ${keyBlocks * 2}; ++j)
#pragma unroll
        for (int e = 0; e < 2; ++e) {
          float& own = scores[j][2 * half + e];
          own = exp2f((own - reference) * 1.44269504f);
          sum += own;
        }
      sum += __shfl_xor_sync(0xffffffffu, sum, 1);
      sum += __shfl_xor_sync(0xffffffffu, sum, 2);
      sums[half] = fmaf(sums[half], correction, sum);
#pragma unroll
      for (int j = 0; j < ${valueBlocks * 2}; ++j) {
        outputs[j][2 * half] *= correction;
        outputs[j][2 * half + 1] *= correction;
      }
    }
#pragma unroll
    for (int step = 0; step < ${keyBlocks}; ++step) {
      const unsigned int weights[4] = {
        pack_${format}(scores[2 * step][0], scores[2 * step][1]), pack_${format}(scores[2 * step][2], scores[2 * step][3]),
        pack_${format}(scores[2 * step + 1][0], scores[2 * step + 1][1]), pack_${format}(scores[2 * step + 1][2], scores[2 * step + 1][3])};
#pragma unroll
      for (int j = 0; j < ${valueBlocks}; ++j) {
        unsigned int columns[4];
        load_matrices<true>(columns, (lane_value ^ (${atValue.xor('j', 'step')})) + stage * ${stageBytes} + ${atValue.add('j', 'step')});
        const unsigned int left[2] = {columns[0], columns[1]};
        const unsigned int right[2] = {columns[2], columns[3]};
        multiply_add_${format}(outputs[2 * j], weights, left);
        multiply_add_${format}(outputs[2 * j + 1], weights, right);
      }
    }
  }
  ${isAsynchronous ? 'wait_for_copies<0>();' : ''}
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int position = own_position + half * 8;
    if (position >= ${queries}) continue;
    const float factor = sums[half] == 0.0f ? 0.0f : 1.0f / sums[half];
#pragma unroll
    for (int j = 0; j < ${valueBlocks * 2}; ++j)
#pragma unroll
      for (int e = 0; e < 2; ++e) {
        const int column = j * 8 + (lane & 3) * 2 + e;
        if (column < ${valueSize}) store(batch, head, position, column, outputs[j][2 * half + e] * factor);
      }
    if ((lane & 3) == 0) store_sum(batch, head, position, sums[half] == 0.0f ? ${lowest} : greatest[half] + logf(sums[half]));
  }`;
}
