import { floatLiteral } from '../expression/index.js';
import { loadPages } from './pages.js';
import type { AttentionProblem } from './problem.js';

/** How few queries over many keys are divided. */
export interface DecodeTile {
  /** Keys of a block. */
  readonly keys: number;
  /** Elements of a key that a lane reads at once. */
  readonly width: number;
}

export const decodeThreads = 128;

/** Rows of queries that share a head of keys. */
export const decodeRows = ({ group, queries }: AttentionProblem): number => group * queries;

export const decodeSplits = ({ capacity }: AttentionProblem, { keys }: DecodeTile): number =>
  Math.ceil(capacity / keys);

/** Floats of scratch memory: for each split and row the unscaled output, the greatest score and the sum. */
export function decodeScratchFloats(problem: AttentionProblem, tile: DecodeTile): number {
  return problem.batch * problem.keyHeads * decodeSplits(problem, tile) * decodeRows(problem) * (problem.valueSize + 2);
}

/** Lanes that share a key: a power of two. */
function lanesPerKey({ size }: AttentionProblem, { width }: DecodeTile): number {
  let lanes = 1;
  while (lanes < 32 && lanes * width < size) lanes *= 2;
  return lanes;
}

const lowest = floatLiteral(Number.NEGATIVE_INFINITY);

/**
 * A block for each stretch of keys of each head of keys; all rows of queries that share the head at once, so that keys
 * and values are read once. What a stretch gives is left in scratch memory, for {@link printDecodeCombine}.
 */
export function printDecodeKernel(problem: AttentionProblem, tile: DecodeTile, scratch: string): string {
  const { size, valueSize, keyHeads, group, queries } = problem;
  const { keys, width } = tile;
  const rows = decodeRows(problem);
  const splits = decodeSplits(problem, tile);
  const lanes = lanesPerKey(problem, tile);
  const perWarp = 32 / lanes;
  const keysAtOnce = perWarp * (decodeThreads / 32);
  const chunks = Math.ceil(size / (lanes * width));
  const padded = chunks * lanes * width;
  const columnThreads = Math.min(decodeThreads, 32 * 2 ** Math.ceil(Math.log2(Math.max(1, valueSize / 32))));
  const keyParts = decodeThreads / columnThreads;
  const columns = Math.ceil(valueSize / columnThreads);
  return `
  __shared__ ${padded % 4 === 0 ? '__align__(16) ' : ''}float query[${rows}][${padded}];
  __shared__ float weights[${rows}][${keys}];
  ${keyParts > 1 ? `__shared__ float partial[${keyParts}][${columnThreads}];` : ''}
  const int thread = threadIdx.x;
  const int warp = thread / 32;
  const int lane = thread % 32;
  const int split = blockIdx.x % ${splits};
  const int key_head = blockIdx.x / ${splits} % ${keyHeads};
  const int batch = blockIdx.x / ${splits * keyHeads};
  const int length = key_count(batch);
  const int begin = max(split * ${keys}, first_key(batch));
  const int end = min((split + 1) * ${keys}, end_for(length, ${queries - 1}));
  float* const to = ${scratch} + static_cast<long long>(blockIdx.x) * ${rows * (valueSize + 2)};
  if (begin >= end) {
    for (int row = thread; row < ${rows}; row += ${decodeThreads}) {
      to[${rows * valueSize} + row * 2] = ${lowest};
      to[${rows * valueSize} + row * 2 + 1] = 0.0f;
    }
    return;
  }
  for (int element = thread; element < ${rows * padded}; element += ${decodeThreads}) {
    const int i = element % ${padded};
    const int row = element / ${padded};
    query[row][i] = ${padded === size ? '' : `i >= ${size} ? 0.0f : `}load_query(batch, key_head * ${group} + row / ${queries}, row % ${queries}, i);
  }
  ${loadPages(problem, 'begin', 'end')}
  __syncthreads();
#pragma unroll 2
  for (int first = begin + warp * ${perWarp}; first < end; first += ${keysAtOnce}) {
    const int index = first + lane / ${lanes};
    float products[${rows}] = {};
#pragma unroll
    for (int chunk = 0; chunk < ${chunks}; ++chunk) {
      const int i = (chunk * ${lanes} + lane % ${lanes}) * ${width};
      float key[${width}] = {};
      if (index < end${padded === size ? '' : ` && i < ${size}`}) load_key_chunk(batch, key_head, index, i, key);
#pragma unroll
      for (int row = 0; row < ${rows}; ++row)
#pragma unroll
        for (int e = 0; e < ${width}; ++e) products[row] = fmaf(query[row][i + e], key[e], products[row]);
    }
#pragma unroll
    for (int row = 0; row < ${rows}; ++row) {
      for (int other = ${lanes / 2}; other > 0; other /= 2) products[row] += __shfl_xor_sync(0xffffffffu, products[row], other);
      const int position = row % ${queries};
      if (lane % ${lanes} == row % ${lanes} && index < end) {
        const bool is_seen = index < end_for(length, position);
        weights[row][index - begin] = is_seen ? score(batch, key_head * ${group} + row / ${queries}, position, index, products[row]) : ${lowest};
      }
    }
  }
  __syncthreads();
  const int extent = end - begin;
  for (int row = warp; row < ${rows}; row += ${decodeThreads / 32}) {
    float most = ${lowest};
    for (int key = lane; key < extent; key += 32) most = fmaxf(most, weights[row][key]);
    for (int other = 16; other > 0; other /= 2) most = fmaxf(most, __shfl_xor_sync(0xffffffffu, most, other));
    const float reference = most == ${lowest} ? 0.0f : most;
    float sum = 0.0f;
    for (int key = lane; key < extent; key += 32) {
      const float weight = expf(weights[row][key] - reference);
      weights[row][key] = weight;
      sum += weight;
    }
    for (int other = 16; other > 0; other /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, other);
    if (lane == 0) {
      to[${rows * valueSize} + row * 2] = most;
      to[${rows * valueSize} + row * 2 + 1] = sum;
    }
  }
  __syncthreads();
  const int part = thread / ${columnThreads};
#pragma unroll 1
  for (int block = 0; block < ${columns}; ++block) {
    const int column = block * ${columnThreads} + thread % ${columnThreads};
    float outputs[${rows}] = {};
    if (column < ${valueSize}) {
#pragma unroll 4
      for (int key = part; key < extent; key += ${keyParts}) {
        const float value = load_value(batch, key_head, begin + key, column);
#pragma unroll
        for (int row = 0; row < ${rows}; ++row) {
          const float weight = weights[row][key];
          if (weight != 0.0f) outputs[row] = fmaf(weight, value, outputs[row]);
        }
      }
    }
#pragma unroll
    for (int row = 0; row < ${rows}; ++row) {
${
  keyParts > 1
    ? `      __syncthreads();
      partial[part][thread % ${columnThreads}] = outputs[row];
      __syncthreads();
      if (part == 0 && column < ${valueSize}) {
        float sum = outputs[row];
#pragma unroll
        for (int other = 1; other < ${keyParts}; ++other) sum += partial[other][column % ${columnThreads}];
        to[row * ${valueSize} + column] = sum;
      }`
    : `      if (column < ${valueSize}) to[row * ${valueSize} + column] = outputs[row];`
}
    }
  }`;
}

/** Blocks of {@link printDecodeCombine}: one for each row of the output. */
export const combineThreads = 128;

/** Brings the stretches of each row together. */
export function printDecodeCombine(problem: AttentionProblem, tile: DecodeTile, scratch: string): string {
  const { valueSize, keyHeads, group, queries, heads } = problem;
  const rows = decodeRows(problem);
  const splits = decodeSplits(problem, tile);
  const stride = rows * (valueSize + 2);
  return `
  const int position = blockIdx.x % ${queries};
  const int head = blockIdx.x / ${queries} % ${heads};
  const int batch = blockIdx.x / ${queries * heads};
  const int row = head % ${group} * ${queries} + position;
  const float* const from = ${scratch} + static_cast<long long>(batch * ${keyHeads} + head / ${group}) * ${splits * stride};
  const float* const figures = from + ${rows * valueSize} + row * 2;
  float most = ${lowest};
  for (int split = 0; split < ${splits}; ++split) most = fmaxf(most, figures[static_cast<long long>(split) * ${stride}]);
  const float reference = most == ${lowest} ? 0.0f : most;
  float sum = 0.0f;
  for (int split = 0; split < ${splits}; ++split) {
    const float* const own = figures + static_cast<long long>(split) * ${stride};
    sum = fmaf(expf(own[0] - reference), own[1], sum);
  }
  for (int column = threadIdx.x; column < ${valueSize}; column += ${combineThreads}) {
    float output = 0.0f;
    for (int split = 0; split < ${splits}; ++split) {
      const float* const own = figures + static_cast<long long>(split) * ${stride};
      if (own[1] != 0.0f) output = fmaf(expf(own[0] - reference), from[static_cast<long long>(split) * ${stride} + row * ${valueSize} + column], output);
    }
    store(batch, head, position, column, sum == 0.0f ? 0.0f : output / sum);
  }
  if (threadIdx.x == 0) store_sum(batch, head, position, sum == 0.0f ? ${lowest} : most + logf(sum));`;
}
