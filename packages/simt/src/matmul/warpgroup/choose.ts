import type { Configuration } from '@halyard/core';
import { planPipeline } from '../../schedule/index.js';
import { numberFrom } from '../../steps/configuration.js';
import type { Target } from '../../target/target.js';
import type { MatmulProblem } from '../problem.js';
import { formatBytes, type TensorFormat } from '../tensor/format.js';
import type { Work } from '../tensor/work.js';
import { canDivide, planOperands, rowBytes, type WarpgroupOperand } from './operand.js';

/** Tile of results of a block: two warpgroups multiply, each 64 rows; with 64 rows in all, half of the columns each. */
export interface WarpgroupTile {
  readonly rows: 64 | 128;
  /** Of each b. */
  readonly columns: number;
  readonly stages: number;
  /** Blocks, with tiles below each other, that each bring a share of the columns of b to all of them. */
  readonly cluster: 1 | 2;
}

export interface WarpgroupChoice {
  readonly tile: WarpgroupTile;
  readonly operands: readonly WarpgroupOperand[];
  readonly work: Work;
  /** Of the grid. */
  readonly blocks: number;
  readonly reason: string;
}

/** Warpgroups that multiply. */
export const multiplyingGroups = 2;

/** Of shared memory, for sums on their way to the epilogue and for barriers. */
const besides = 24 * 1024;
const greatestStages = 8;
/** Sums that stay in the registers of a thread; half of them where eight warps bring what they convert. */
const greatestSums = 128;
/** Bytes that a multiprocessor takes in from the L2 cache in a cycle, about; how much larger tiles are worth. */
const bytesPerCycle = 32;

type Shape = Omit<WarpgroupTile, 'stages'>;

const shapes: readonly Shape[] = ([1, 2] as const).flatMap((cluster) =>
  (
    [
      [128, 256],
      [128, 128],
      [64, 256],
      [128, 64],
      [64, 128],
    ] as const
  ).map(([rows, columns]) => ({ rows, columns, cluster })),
);

/** Columns that one warpgroup multiplies, of each b. */
export const groupColumns = ({ rows, columns }: Pick<WarpgroupTile, 'rows' | 'columns'>): number =>
  rows === 128 ? columns : columns / 2;

/** What keeps a product from this form, in words; or how it is divided. */
export function chooseWarpgroup(
  problem: MatmulProblem,
  format: TensorFormat,
  target: Target,
  given: Configuration,
): WarpgroupChoice | string {
  const tuning: Configuration = given.kernel === 'warpgroup' ? given : {};
  const { m, n, k, bs, batches } = problem;
  const depth = rowBytes / formatBytes[format];
  const steps = Math.ceil(k / depth);
  const workOf = (rows: number, columns: number): Work => {
    const [tilesM, tilesN] = [Math.ceil(m / rows), Math.ceil(n / columns)];
    return { tilesM, tilesN, batches, steps, workers: tilesM * tilesN * batches };
  };
  const workersOf = ({ workers: tiles }: Work): number =>
    Math.min(
      Math.ceil(numberFrom(tuning, 'workers', workersFor(tiles, steps, target))),
      Math.max(tiles, tiles * steps),
    );
  const planned = planOperands(problem, format, { rows: 128, columns: 128, cluster: 1 });
  if (typeof planned === 'string') return planned;
  const isAllBulk = planned.every(({ bulk }) => bulk);
  const most = isAllBulk ? greatestSums : greatestSums / 2;
  /** Blocks of a cluster walk through whole tiles in step, and copy for each other. */
  const canShare = ({ rows, columns, cluster }: Shape): boolean => {
    const work = workOf(rows, columns);
    const isInStep = workersOf(work) <= work.workers && work.tilesM % cluster === 0;
    return isInStep && isAllBulk && planned.slice(1).every(({ plan }) => canDivide(plan.tile, columns, cluster));
  };
  const fits = (shape: Shape): boolean => {
    const own = groupColumns(shape);
    return own >= 64 && (own / 2) * bs.length <= most && (shape.cluster === 1 || canShare(shape));
  };
  const cost = ({ rows, columns, cluster }: Shape): number => {
    const width = columns * bs.length;
    const { workers: tiles } = workOf(rows, columns);
    const share = tiles / target.multiprocessors;
    // Copies are worth sharing where the cache serves all multiprocessors at once.
    const own = share >= 1 ? width / cluster : width;
    const cycles = Math.max((rows * width) / 32, ((rows + own) * rowBytes) / bytesPerCycle);
    return cycles * (share >= 1 ? Math.ceil(share) * steps : Math.max(share * steps, Math.min(steps, leastSteps)));
  };
  const cheapest = (candidates: readonly Shape[]): Shape | undefined =>
    candidates.length === 0 ? undefined : candidates.reduce((one, other) => (cost(other) < cost(one) ? other : one));
  const fitting = shapes.filter(fits);
  const wanted = fitting.filter(({ rows, columns }) => rows === tuning.rows && columns === tuning.columns);
  const shape = wanted.find(({ cluster }) => cluster === tuning.cluster) ?? cheapest(wanted) ?? cheapest(fitting);
  if (!shape) return `${bs.length} products at once leave no registers for what converts their operands`;
  const { rows, columns, cluster } = shape;
  const operands = planOperands(problem, format, shape);
  if (typeof operands === 'string') return operands;
  const stageBytes = (rows + columns * bs.length) * rowBytes;
  const pipeline = planPipeline(target.architecture, {
    multiplyAdds: rows * columns * bs.length * depth * (formatBytes[format] / 2),
    unit: 'tensor',
    bytes: stageBytes,
    limit: target.sharedBytesPerBlock - besides,
    threads: 128 * multiplyingGroups,
  });
  // A block is alone on its multiprocessor: what it leaves of shared memory serves nobody.
  const room = Math.min(greatestStages, Math.floor((target.sharedBytesPerBlock - besides) / stageBytes));
  const stages = Math.max(2, Math.min(Math.floor(numberFrom(tuning, 'stages', room)), room));
  const work = workOf(rows, columns);
  const { workers: tiles } = work;
  const workers = workersOf(work);
  const isDivided = workers > tiles;
  const blocks = Math.max(cluster, workers - (workers % cluster));
  const grouped = cluster === 1 ? '' : `, ${cluster} of which share the columns they read`;
  const divided = isDivided ? `stream-k over ${workers} blocks` : `${tiles} tiles over ${blocks} blocks${grouped}`;
  return {
    tile: { rows, columns, stages, cluster },
    operands,
    work: { ...work, workers: isDivided ? workers : tiles },
    blocks,
    reason: `${format} by wgmma, ${divided}; ${stages} stages, as many as fit, where ${pipeline.reason}`,
  };
}

/** Of k, at least, that a block has to itself. */
const leastSteps = 4;

/** Whole tiles, one block after another, where there are enough of them; else their steps are divided evenly. */
function workersFor(tiles: number, steps: number, { multiprocessors }: Target): number {
  if (tiles >= multiprocessors) return multiprocessors;
  return Math.max(tiles, Math.min(multiprocessors, Math.floor((tiles * steps) / leastSteps)));
}
