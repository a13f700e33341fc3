import type { MatmulProblem } from './problem.js';

/** Tile of the results that a block of 256 threads makes, and how far it goes along k between two barriers. */
export interface FmaTile {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

export const fmaThreads = 256;

/**
 * The general matmul: any dtypes and views, products and sums in the accumulating type (float32 by fused
 * multiply-add), tiles in shared memory. While one tile is multiplied the next is fetched into registers and put into
 * the other half of shared memory: one barrier for each tile.
 */
export function printFmaKernel(problem: MatmulProblem, tile: FmaTile): string {
  const { m, n, k, bs, sumType } = problem;
  const count = bs.length;
  const { rows, columns, depth } = tile;
  const perRow = rows / 16;
  const perColumn = columns / 16;
  const tilesM = Math.ceil(m / rows);
  const tilesN = Math.ceil(n / columns);
  const steps = Math.ceil(k / depth);
  const aLoads = Math.ceil((rows * depth) / fmaThreads);
  const bLoads = Math.ceil((columns * depth) / fmaThreads);
  const isWhole = (elements: number) => elements % fmaThreads === 0;
  const along = (operand: { along: string }, outer: number, outerName: string) =>
    operand.along === 'depth'
      ? `const int depth = element % ${depth}; const int ${outerName} = element / ${depth};`
      : `const int ${outerName} = element % ${outer}; const int depth = element / ${outer};`;
  const aPosition = along(problem.a, rows, 'row');
  const bPosition = (i: number) => along(bs[i]!, columns, 'column');
  const guard = (elements: number) => (isWhole(elements) ? '' : `if (element < ${elements}) `);
  const microRow = perRow >= 4 ? `(i / 4) * 64 + thread_row * 4 + i % 4` : `thread_row * ${perRow} + i`;
  const microColumn = perColumn >= 4 ? `(j / 4) * 64 + thread_column * 4 + j % 4` : `thread_column * ${perColumn} + j`;
  const each = (print: (i: number) => string) => bs.map((_, i) => print(i)).join('\n');
  return `
  __shared__ __align__(16) ${sumType} tile_a[2][${depth}][${rows + 4}];
  __shared__ __align__(16) ${sumType} tile_b[2][${count}][${depth}][${columns + 4}];
  const int thread = threadIdx.x;
  const int thread_row = thread / 16;
  const int thread_column = thread % 16;
  const int first_row = static_cast<int>(blockIdx.x / ${tilesN} % ${tilesM}) * ${rows};
  const int first_column = static_cast<int>(blockIdx.x % ${tilesN}) * ${columns};
  const int batch = blockIdx.x / ${tilesN * tilesM};
  ${sumType} sums[${count}][${perRow}][${perColumn}] = {};
  ${sumType} next_a[${aLoads}];
  ${sumType} next_b[${count}][${bLoads}];
  const auto fetch = [&](int first_depth) {
#pragma unroll
    for (int load = 0; load < ${aLoads}; ++load) {
      const int element = load * ${fmaThreads} + thread;
      ${aPosition}
      const bool is_inside = ${guardInside(rows * depth)}first_row + row < ${m} && first_depth + depth < ${k};
      next_a[load] = is_inside ? load_a(batch, first_row + row, first_depth + depth) : ${sumType}(0);
    }
${each(
  (i) => `#pragma unroll
    for (int load = 0; load < ${bLoads}; ++load) {
      const int element = load * ${fmaThreads} + thread;
      ${bPosition(i)}
      const bool is_inside = ${guardInside(columns * depth)}first_column + column < ${n} && first_depth + depth < ${k};
      next_b[${i}][load] = is_inside ? load_b${i}(batch, first_depth + depth, first_column + column) : ${sumType}(0);
    }`,
)}
  };
  const auto put = [&](int half) {
#pragma unroll
    for (int load = 0; load < ${aLoads}; ++load) {
      const int element = load * ${fmaThreads} + thread;
      ${aPosition}
      ${guard(rows * depth)}tile_a[half][depth][row] = next_a[load];
    }
${each(
  (i) => `#pragma unroll
    for (int load = 0; load < ${bLoads}; ++load) {
      const int element = load * ${fmaThreads} + thread;
      ${bPosition(i)}
      ${guard(columns * depth)}tile_b[half][${i}][depth][column] = next_b[${i}][load];
    }`,
)}
  };
  fetch(0);
  put(0);
  __syncthreads();
#pragma unroll 1
  for (int step = 0; step < ${steps}; ++step) {
    const int half = step & 1;
    if (step + 1 < ${steps}) fetch((step + 1) * ${depth});
#pragma unroll
    for (int depth = 0; depth < ${depth}; ++depth) {
      ${sumType} a[${perRow}];
#pragma unroll
      for (int i = 0; i < ${perRow}; ++i) a[i] = tile_a[half][depth][${microRow}];
#pragma unroll
      for (int which = 0; which < ${count}; ++which) {
        ${sumType} b[${perColumn}];
#pragma unroll
        for (int j = 0; j < ${perColumn}; ++j) b[j] = tile_b[half][which][depth][${microColumn}];
#pragma unroll
        for (int i = 0; i < ${perRow}; ++i)
#pragma unroll
          for (int j = 0; j < ${perColumn}; ++j) ${product(sumType)}
      }
    }
    if (step + 1 < ${steps}) put(half ^ 1);
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < ${perRow}; ++i) {
    const int row = first_row + ${microRow};
#pragma unroll
    for (int j = 0; j < ${perColumn}; ++j) {
      const int column = first_column + ${microColumn};
      if (row < ${m} && column < ${n})
        store(batch, row, column, ${bs.map((_, i) => `sums[${i}][i][j]`).join(', ')});
    }
  }`;
}

const guardInside = (elements: number): string => (elements % fmaThreads === 0 ? '' : `element < ${elements} && `);

/** Integers wrap, which only unsigned ones do in C++. */
function product(sumType: string): string {
  if (sumType === 'float') return 'sums[which][i][j] = fmaf(a[i], b[j], sums[which][i][j]);';
  const wrapping = sumType.includes('long long') ? 'unsigned long long' : 'unsigned';
  const wrap = (value: string) => `static_cast<${wrapping}>(${value})`;
  return `sums[which][i][j] = static_cast<${sumType}>(${wrap('sums[which][i][j]')} + ${wrap('a[i]')} * ${wrap('b[j]')});`;
}
