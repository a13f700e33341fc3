/** How the steps along k of all tiles are divided among blocks. */
export interface Work {
  readonly tilesM: number;
  readonly tilesN: number;
  readonly batches: number;
  /** Steps along k of each tile. */
  readonly steps: number;
  /** Blocks that share all steps of all tiles evenly; as many as tiles where each block makes a tile of its own. */
  readonly workers: number;
}

export const tileCount = ({ tilesM, tilesN, batches }: Work): number => tilesM * tilesN * batches;

export const isShared = (work: Work): boolean => work.workers !== tileCount(work);

/** Tiles of this many rows of tiles are made near each other in time, so that their columns are found in the L2 cache. */
const group = 8;

/** `batch`, `first_row` and `first_column` of a tile. */
export const printTilePlace = ({ tilesM, tilesN }: Work, rows: number, columns: number): string => `
    const int batch = tile / ${tilesM * tilesN};
    const int in_batch = tile % ${tilesM * tilesN};
    const int first_of_group = in_batch / ${group * tilesN} * ${group};
    const int group_rows = min(${group}, ${tilesM} - first_of_group);
    const int first_row = (first_of_group + in_batch % ${group * tilesN} % group_rows) * ${rows};
    const int first_column = in_batch % ${group * tilesN} / group_rows * ${columns};`;

/** `begin_of(worker)`: the first step, counted over all tiles, that is a worker's. */
export const printBeginOf = (work: Work): string => `
  const auto begin_of = [](int worker) {
    return static_cast<int>(static_cast<long long>(worker) * ${tileCount(work) * work.steps} / ${work.workers});
  };`;

/**
 * The head of a loop over the steps that are this block's share: `tile`, `first_step` and `end_step` of one tile after
 * another. `begin_of` stands before it; who uses it closes the loop.
 */
export const printShares = (work: Work): string => `
    const int worker = blockIdx.x;
    const int end = begin_of(worker + 1);
#pragma unroll 1
    for (int unit = begin_of(worker), next_unit; unit < end; unit = next_unit) {
      const int tile = unit / ${work.steps};
      const int first_step = unit % ${work.steps};
      const int end_step = min(${work.steps}, first_step + end - unit);
      next_unit = unit + end_step - first_step;`;

/** Bytes for the sums of tiles that no block makes alone: at most two for each block. */
export const partialBytes = (work: Work, threads: number, sums: number): number =>
  isShared(work) ? work.workers * 2 * threads * sums * 4 : 0;

/** How the sums of a block lie in its threads and in scratch memory. */
export interface PartialSums {
  readonly threads: number;
  readonly sumType: 'float' | 'int';
  /** Of a thread, as one array `sums`. */
  readonly sumCount: number;
  /** C++ of where partial sums are. */
  readonly partials: string;
}

/** Adds up, in the order of k, what several blocks made of the tile that is this block's; returns if one made it alone. */
export const printFixup = (work: Work, { threads, sumType, sumCount, partials }: PartialSums): string => `
${printBeginOf(work)}
  const int tile = blockIdx.x;
  const int begin = tile * ${work.steps};
  const int end = begin + ${work.steps};
  int worker = static_cast<int>(static_cast<long long>(begin) * ${work.workers} / ${tileCount(work) * work.steps});
  while (begin_of(worker) > begin) --worker;
  while (begin_of(worker + 1) <= begin) ++worker;
  if (begin_of(worker + 1) >= end) return;
#pragma unroll 1
  for (; begin_of(worker) < end; ++worker) {
    const ${sumType}* from = ${partials} + static_cast<long long>(2 * worker + (begin_of(worker) > begin ? 0 : 1)) * ${threads * sumCount} + thread;
#pragma unroll
    for (int i = 0; i < ${sumCount}; ++i) reinterpret_cast<${sumType}*>(sums)[i] += from[i * ${threads}];
  }`;
