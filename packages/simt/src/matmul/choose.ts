import { type Configuration, type Multiply, type Operand, typeLayouts } from '@halyard/core';
import { isFloat } from '../expression/index.js';
import { loadsAhead, planLoads, planPipeline } from '../schedule/index.js';
import { numberFrom, powerFrom } from '../steps/configuration.js';
import { computeCapability, type Target } from '../target/target.js';
import { isBlockType } from './block-quantized.js';
import type { FmaTile } from './fma-kernel.js';
import type { MatmulOperand, MatmulProblem } from './problem.js';
import { quantizedRows } from './quantized-rows.js';
import type { TensorTile } from './tensor/core.js';
import { formatBytes, formatCapability, type TensorFormat } from './tensor/format.js';
import { isStoredAs, sourceOf } from './tensor/sources.js';
import type { Work } from './tensor/work.js';
import { tileCount } from './tensor/work.js';
import { type VectorTile, vectorColumns } from './vector-kernel.js';

/** Of shared memory, for each stage, where rows are padded. */
const padding = 16 * 256;

/** Products of at most so many rows are bound by reading b. */
const vectorRows = 8;
/** Floats of a in shared memory at a time. */
const stagedFloats = 8192;

/** How to divide a product of few rows, or `undefined` where that form has nothing to gain. */
export function chooseVector(problem: MatmulProblem, target: Target, given: Configuration): VectorTile | undefined {
  const tuning = entryFor('vector', given);
  const division = divideVector(problem, target, tuning);
  if (!division) return undefined;
  const { form, width, warps } = division;
  // Along k a lane has many elements of its own under way as it is.
  if (form !== 'outer') return { ...division, unroll: 1 };
  const planned = planLoads(target.architecture, {
    threads: warps * 32,
    blocks: (Math.ceil(problem.n / vectorColumns(division)) * problem.batches) / target.multiprocessors,
    bytes: problem.bs.reduce((sum, { type }) => sum + width * typeLayouts[type].bytes, 0),
  });
  return { ...division, unroll: powerFrom(tuning, 'unroll', planned.unroll, { most: 8 }) };
}

type VectorDivision = Omit<VectorTile, 'unroll'>;

function divideVector(problem: MatmulProblem, target: Target, tuning: Configuration): VectorDivision | undefined {
  const { m, n, k, bs, sumType, tensors } = problem;
  if (m > vectorRows || sumType !== 'float' || k === 0 || target.warpSize !== 32) return undefined;
  const depth = 1024 * Math.max(1, Math.min(Math.floor(stagedFloats / m / 1024), Math.ceil(k / 1024)));
  const warps = 8;
  const columns = powerFrom(tuning, 'columns', bs.length === 1 && m <= 4 ? 2 : 1, {
    least: 1,
    most: Math.floor(32 / m),
  });
  const parts = (step: number): number => {
    let split = 1;
    const needed = 2 * target.multiprocessors;
    while (split < warps && n / ((warps / split) * columns) < needed && k > split * 32 * step) split *= 2;
    return split;
  };
  if (bs.every((b) => quantizedRows(tensors, b.operand))) {
    const form = problem.step.attributes.multiply === 'int8' ? 'int8' : 'quantized';
    return {
      form,
      width: 32,
      warps,
      columns,
      split: powerFrom(tuning, 'split', parts(32), { least: 1, most: warps }),
      depth,
    };
  }
  if (bs.some(({ type }) => isBlockType(type) || typeLayouts[type].elements > 1)) return undefined;
  const bytes = Math.max(...bs.map(({ type }) => typeLayouts[type].bytes));
  if (bs.every(({ along }) => along === 'depth')) {
    let width = Math.min(8, 16 / bytes);
    while (k % width !== 0) width /= 2;
    return {
      form: 'depth',
      width,
      warps,
      columns,
      split: powerFrom(tuning, 'split', parts(width), { least: 1, most: warps }),
      depth,
    };
  }
  if (!bs.every(({ along }) => along === 'outer')) return undefined;
  let width = n >= 64 * target.multiprocessors ? Math.min(4, 16 / bytes) : 1;
  while (n % width !== 0) width /= 2;
  return { form: 'outer', width, warps, columns: 1, split: warps, depth: Math.min(depth, 1024) };
}

/**
 * The format in which tensor cores may multiply: what `multiply` allows, or one in which both operands are stored, so
 * that nothing is rounded. Block-quantized weights whose activations may be rounded to int8 are multiplied as bfloat16,
 * which rounds less and does not overflow.
 */
export function chooseFormat(problem: MatmulProblem, target: Target): TensorFormat | undefined {
  if (target.vendor !== 'cuda' || problem.bs.length > 4 || problem.k === 0) return undefined;
  const capability = computeCapability(target);
  const { multiply, accumulate } = problem.step.attributes;
  const operands = [problem.a, ...problem.bs];
  const has = (format: TensorFormat) => capability >= formatCapability[format];
  const isStored = (format: TensorFormat) => operands.every((one) => one.isPlain && isStoredAs(one, format));
  if (accumulate === 'int32') return isStored('int8') && has('int8') ? 'int8' : undefined;
  if (!isFloat(accumulate)) return undefined;
  for (const format of ['float16', 'bfloat16'] as const) if (isStored(format) && has(format)) return format;
  if (!operands.every((one) => readsAsFloat(problem, one))) return undefined;
  const wanted = formatFor(multiply, problem, has);
  return wanted && has(wanted) ? wanted : undefined;
}

function formatFor(
  multiply: Multiply,
  { bs }: MatmulProblem,
  has: (format: TensorFormat) => boolean,
): TensorFormat | undefined {
  if (multiply === 'float32') return undefined;
  if (multiply === 'float8') return has('float8') ? 'float8' : 'float16';
  if (multiply !== 'int8') return multiply;
  return bs.some(({ type }) => isBlockType(type)) ? 'bfloat16' : undefined;
}

const readsAsFloat = (problem: MatmulProblem, { operand, type }: MatmulOperand): boolean =>
  isBlockType(type) || isFloat(lastType(problem, operand));

function lastType({ tensors }: MatmulProblem, operand: Operand): never {
  const { prologue, quantization, tensor } = operand;
  const stored = quantization ? tensors[quantization.scale.tensor]!.type : tensors[tensor]!.type;
  if (!prologue) return stored as never;
  const index = prologue.results[0]! - 1 - prologue.inputs.length;
  if (index >= 0) return prologue.body[index]!.dataType as never;
  return (
    prologue.results[0] === 0 ? stored : tensors[prologue.inputs[prologue.results[0]! - 1]!.tensor]!.type
  ) as never;
}

export interface TensorChoice {
  readonly tile: TensorTile;
  readonly work: Work;
  readonly reason: string;
}

/** Tiles of a tensor-core product: as large as registers allow, fewer rows where there are fewer. */
export function chooseTensorTile(
  problem: MatmulProblem,
  format: TensorFormat,
  target: Target,
  given: Configuration,
): TensorChoice {
  const tuning = entryFor('tensor', given);
  const { m, n, k, bs, batches } = problem;
  const capability = computeCapability(target);
  const count = bs.length;
  const rows = powerFrom(tuning, 'rows', m > 64 ? 128 : 64, { least: 32, most: 256 });
  const most = powerFrom(tuning, 'columns', n > 64 || count > 1 ? 128 : 64, { least: 32, most: 256 });
  const columns = Math.max(32, count === 1 ? most : most / 2 ** Math.ceil(Math.log2(count)));
  // What passes through registers on its way leaves fewer for sums.
  const operands = [problem.a, ...bs].map((one, i) => sourceOf(problem, one, i === 0 ? m : n, format, capability));
  const isRegisterBound = operands.some((source) => source !== 'asynchronous');
  const warpRows = powerFrom(tuning, 'warpRows', Math.min(64, rows / 2), { least: 16, most: rows });
  const warpColumns = Math.min(
    powerFrom(tuning, 'warpColumns', 64, { least: 16, most: columns }),
    Math.max(16, columns / (isRegisterBound && rows === 128 ? 4 : 2)),
  );
  const depthBytes = powerFrom(tuning, 'depthBytes', 64, { least: 64, most: 128 });
  const depth = depthBytes / formatBytes[format];
  const threads = (rows / warpRows) * (columns / warpColumns) * 32;
  const pipeline = planPipeline(target.architecture, {
    multiplyAdds: rows * columns * count * depth * (formatBytes[format] / 2),
    unit: 'tensor',
    bytes: (rows + columns * count) * depthBytes,
    limit: target.sharedBytesPerBlock,
    threads,
  });
  const fitting = Math.floor(target.sharedBytesPerBlock / ((rows + columns * count) * depthBytes + padding));
  const tile: TensorTile = {
    rows,
    columns,
    depthBytes,
    warpRows,
    warpColumns,
    stages: Math.max(2, Math.min(Math.floor(numberFrom(tuning, 'stages', pipeline.stages)), fitting)),
    fragmentBuffers: numberFrom(tuning, 'fragmentBuffers', pipeline.fragmentBuffers) === 1 ? 1 : 2,
    loadsAhead: loadsAhead.find((one) => one === tuning.loadsAhead) ?? pipeline.loadsAhead,
  };
  const tilesM = Math.ceil(m / rows);
  const tilesN = Math.ceil(n / columns);
  const steps = Math.ceil(k / depth);
  const tiles = tilesM * tilesN * batches;
  const shared = { tilesM, tilesN, batches, steps, workers: tiles };
  const workers = Math.min(
    Math.ceil(numberFrom(tuning, 'workers', workersFor(tileCount(shared), steps, target))),
    Math.max(tiles, tiles * steps),
  );
  const divided = workers === tiles ? 'a block for each tile' : `stream-k over ${workers} blocks`;
  return { tile, work: { ...shared, workers }, reason: `${format} on tensor cores, ${divided}; ${pipeline.reason}` };
}

/** What an entry says, where it is about the kernel at hand: tiles of one kind do not fit another. */
const entryFor = (kernel: string, tuning: Configuration): Configuration => (tuning.kernel === kernel ? tuning : {});

/** Each block has at least four steps; only where tiles alone would leave multiprocessors without work. */
function workersFor(tiles: number, steps: number, { multiprocessors }: Target): number {
  if (tiles >= multiprocessors) return tiles;
  return Math.max(tiles, Math.min(multiprocessors, Math.floor((tiles * steps) / 4)));
}

/** Tiles of a product without tensor cores: large where that still fills the device. */
export function chooseFma(problem: MatmulProblem, target: Target, given: Configuration): FmaTile {
  const tuning = entryFor('fma', given);
  const { m, n, batches, bs, sumType } = problem;
  const isWide = sumType === 'long long' || sumType === 'unsigned long long';
  const fills = (rows: number, columns: number) =>
    Math.ceil(m / rows) * Math.ceil(n / columns) * batches >= target.multiprocessors;
  const greatest = isWide ? 32 : bs.length === 1 ? 128 : bs.length === 2 ? 64 : 16;
  let rows = Math.min(greatest, m <= 16 ? 16 : m <= 32 ? 32 : m <= 64 ? 64 : 128);
  let columns = Math.min(greatest, n <= 16 ? 16 : n <= 32 ? 32 : n <= 64 ? 64 : 128);
  while ((rows > 32 || columns > 32) && !fills(rows, columns)) {
    if (columns >= rows) columns /= 2;
    else rows /= 2;
  }
  return {
    rows: powerFrom(tuning, 'rows', rows, { least: 16, most: greatest }),
    columns: powerFrom(tuning, 'columns', columns, { least: 16, most: greatest }),
    depth: powerFrom(tuning, 'depth', rows * columns >= 8192 ? 8 : 16, { least: 8, most: 16 }),
  };
}
