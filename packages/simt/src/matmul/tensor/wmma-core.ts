import type { MatrixCore, TensorTile } from './core.js';
import { tileRowStride } from './shared-tile.js';
import type { OperandPlan } from './sources.js';

const places = (first: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `%${first + i}`).join(',');
const outputs = (letter: string, name: string, count: number): string =>
  Array.from({ length: count }, (_, i) => `"=${letter}"(${name}[${i}])`).join(', ');
const inputs = (letter: string, name: string, count: number): string =>
  Array.from({ length: count }, (_, i) => `"${letter}"(${name}[${i}])`).join(', ');

/** Fragments of 16 × 16 elements, by row or column. Which lane holds what is the hardware's own business. */
const functions = `
#define WMMA_LOAD(NAME, OPERAND, MAJOR)                                                                          \\
  __device__ __forceinline__ void NAME(unsigned int (&to)[8], unsigned int address, int stride) {                 \\
    asm volatile("wmma.load." OPERAND ".sync.aligned." MAJOR ".m16n16k16.shared.f16 {${places(0, 8)}}, [%8], %9;" \\
      : ${outputs('r', 'to', 8)} : "r"(address), "r"(stride) : "memory");                                          \\
  }
WMMA_LOAD(wmma_load_a_depth, "a", "row")
WMMA_LOAD(wmma_load_a_outer, "a", "col")
WMMA_LOAD(wmma_load_b_depth, "b", "col")
WMMA_LOAD(wmma_load_b_outer, "b", "row")
#undef WMMA_LOAD
#define WMMA_MULTIPLY(NAME, MAJORS)                                                                              \\
  __device__ __forceinline__ void NAME(float (&sums)[8], const unsigned int (&a)[8], const unsigned int (&b)[8]) { \\
    asm volatile("wmma.mma.sync.aligned." MAJORS ".m16n16k16.f32.f32 {${places(0, 8)}}, {${places(8, 8)}}, {${places(16, 8)}}, {${places(0, 8)}};" \\
      : ${Array.from({ length: 8 }, (_, i) => `"+f"(sums[${i}])`).join(', ')} : ${inputs('r', 'a', 8)}, ${inputs('r', 'b', 8)}); \\
  }
WMMA_MULTIPLY(wmma_multiply_add_row_col, "row.col")
WMMA_MULTIPLY(wmma_multiply_add_row_row, "row.row")
WMMA_MULTIPLY(wmma_multiply_add_col_col, "col.col")
WMMA_MULTIPLY(wmma_multiply_add_col_row, "col.row")
#undef WMMA_MULTIPLY
__device__ __forceinline__ void wmma_store(unsigned int address, const float (&sums)[8], int stride) {
  asm volatile("wmma.store.d.sync.aligned.row.m16n16k16.shared.f32 [%0], {${places(1, 8)}}, %9;"
    :: "r"(address), ${inputs('f', 'sums', 8)}, "r"(stride) : "memory");
}`;

/**
 * `wmma`, for Volta, which has neither `ldmatrix` nor the fragments of `mma.m16n8`. float16 alone. Rows
 * are padded, not swizzled: `wmma.load` takes a stride.
 */
export function wmmaCore(plans: readonly OperandPlan[], tile: TensorTile, stageBytes: number): MatrixCore {
  const [a, ...bs] = plans;
  const rowBlocks = tile.warpRows / 16;
  const columnBlocks = tile.warpColumns / 16;
  const count = bs.length;
  const place = (plan: OperandPlan, first: string, block: string, step: string): string => {
    const stride = tileRowStride(plan.tile);
    return plan.tile.layout === 'depth'
      ? `${plan.offset} + (${first} + ${block} * 16) * ${stride} + ${step} * 32`
      : `${plan.offset} + (${first} + ${block} * 16) * 2 + ${step} * 16 * ${stride}`;
  };
  const majors = { a: { depth: 'row', outer: 'col' }, b: { depth: 'col', outer: 'row' } } as const;
  const majorA = majors.a[a!.tile.layout];
  return {
    name: 'wmma',
    functions,
    sumType: 'float',
    sumCount: count * rowBlocks * columnBlocks * 8,
    declareSums: `float sums[${count}][${rowBlocks}][${columnBlocks}][8];`,
    declare: `
  unsigned int fragments_a[${tile.fragmentBuffers}][${rowBlocks}][8];
  unsigned int fragments_b[${tile.fragmentBuffers}][${count}][${columnBlocks}][8];`,
    load: (stage, step, buffer) => `
#pragma unroll
        for (int i = 0; i < ${rowBlocks}; ++i)
          wmma_load_a_${a!.tile.layout}(fragments_a[${buffer}][i], shared_base + ${stage} * ${stageBytes} + ${place(a!, `warp_m * ${tile.warpRows}`, 'i', step)}, ${tileRowStride(a!.tile) / 2});
${bs
  .map(
    (b, which) => `#pragma unroll
        for (int j = 0; j < ${columnBlocks}; ++j)
          wmma_load_b_${b.tile.layout}(fragments_b[${buffer}][${which}][j], shared_base + ${stage} * ${stageBytes} + ${place(b, `warp_n * ${tile.warpColumns}`, 'j', step)}, ${tileRowStride(b.tile) / 2});`,
  )
  .join('\n')}`,
    multiply: (buffer) =>
      bs
        .map(
          (b, which) => `
#pragma unroll
        for (int i = 0; i < ${rowBlocks}; ++i)
#pragma unroll
          for (int j = 0; j < ${columnBlocks}; ++j)
            wmma_multiply_add_${majorA}_${majors.b[b.tile.layout]}(sums[${which}][i][j], fragments_a[${buffer}][i], fragments_b[${buffer}][${which}][j]);`,
        )
        .join('\n'),
    stageRows: (block, stride) => `
#pragma unroll
      for (int which = 0; which < ${count}; ++which)
#pragma unroll
        for (int j = 0; j < ${columnBlocks}; ++j)
          wmma_store(shared_base + (warp_m * 16 * ${stride} + which * ${tile.columns} + warp_n * ${tile.warpColumns} + j * 16) * 4, sums[which][${block}][j], ${stride});`,
  };
}
