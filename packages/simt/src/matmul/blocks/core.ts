import { type MatrixCore, mmaCore, type TensorTile } from '../tensor/core.js';
import { printMultiply } from '../tensor/format.js';
import type { OperandPlan } from '../tensor/sources.js';

/**
 * Products of int8 by groups of 32 elements of k, which is what one `mma` multiplies: its sums, in integers, are scaled
 * by what both groups are scaled by, and added up in float32. An offset of b's group counts as often as a's elements sum
 * up to.
 *
 * Sums begin at the bits of 1.5 · 2²³ as a float, whose last digit is worth 1, so that they are floats when they end:
 * 32 · 127² is less than 2²², and conversions of integers have an eighth of the rate of additions.
 */
export function blockCore(
  plans: readonly OperandPlan[],
  tile: TensorTile,
  stageBytes: number,
  capability: number,
): MatrixCore {
  const core = mmaCore(plans, tile, stageBytes, 'int8', capability, 'float');
  const [a, ...bs] = plans;
  const rowBlocks = tile.warpRows / 16;
  const columnBlocks = tile.warpColumns / 8;
  const { hasOffsets } = a!.scales!;
  const groups = tile.depthBytes / 32;
  const buffers = tile.fragmentBuffers;
  /** C++ of where a plan's scales of a stage are, or the sums and offsets behind them. */
  const floats = ({ scales }: OperandPlan, stage: string, step: string, behind: boolean) =>
    `reinterpret_cast<const float*>(shared + ${stage} * ${stageBytes} + ${scales!.offset}) + (${step}${behind ? ` + ${groups}` : ''}) * ${scales!.stride}`;
  const loadRows = (name: string, stage: string, step: string, buffer: string, behind: boolean): string => `
        {
          const float* from = ${floats(a!, stage, step, behind)} + warp_m * ${tile.warpRows} + (lane >> 2);
#pragma unroll
          for (int i = 0; i < ${rowBlocks * 2}; ++i) ${name}[${buffer}][i] = from[i * 8];
        }`;
  const loadColumns = (name: string, stage: string, step: string, buffer: string, behind: boolean): string =>
    bs
      .map(
        (b, which) => `
        {
          const float* from = ${floats(b, stage, step, behind)} + warp_n * ${tile.warpColumns} + (lane & 3) * 2;
#pragma unroll
          for (int j = 0; j < ${columnBlocks}; ++j) {
            const float2 two = *reinterpret_cast<const float2*>(from + j * 8);
            ${name}[${buffer}][${which}][j][0] = two.x;
            ${name}[${buffer}][${which}][j][1] = two.y;
          }
        }`,
      )
      .join('');
  const load = (stage: string, step: string, buffer: string): string =>
    core.load(stage, step, buffer) +
    loadRows('scales_a', stage, step, buffer, false) +
    loadColumns('scales_b', stage, step, buffer, false) +
    (hasOffsets
      ? loadRows('totals_a', stage, step, buffer, true) + loadColumns('offsets_b', stage, step, buffer, true)
      : '');
  const ofRows = `[${buffers}][${rowBlocks * 2}]`;
  const ofColumns = `[${buffers}][${bs.length}][${columnBlocks}][2]`;
  return {
    ...core,
    name: 'multiply_int8',
    functions: printMultiply('int8', capability),
    declare: `${core.declare}
  float scales_a${ofRows}, scales_b${ofColumns};
  ${hasOffsets ? `float totals_a${ofRows}, offsets_b${ofColumns};` : ''}`,
    load,
    multiply: (buffer) => `
#pragma unroll
        for (int which = 0; which < ${bs.length}; ++which)
#pragma unroll
          for (int i = 0; i < ${rowBlocks}; ++i)
#pragma unroll
            for (int j = 0; j < ${columnBlocks}; ++j) {
              const unsigned pair[2] = {fragments_b[${buffer}][which][j / 2][j % 2 * 2], fragments_b[${buffer}][which][j / 2][j % 2 * 2 + 1]};
              int products[4];
              multiply_int8(products, fragments_a[${buffer}][i], pair, 0x4b400000);
#pragma unroll
              for (int e = 0; e < 4; ++e) {
                float& sum = sums[which][i][j][e];
                sum = fmaf((__int_as_float(products[e]) - 12582912.0f) * scales_b[${buffer}][which][j][e & 1], scales_a[${buffer}][2 * i + (e >> 1)], sum);
                ${hasOffsets ? `sum = fmaf(offsets_b[${buffer}][which][j][e & 1], totals_a[${buffer}][2 * i + (e >> 1)], sum);` : ''}
              }
            }`,
  };
}
