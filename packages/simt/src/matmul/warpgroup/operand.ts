import { type Tensor, type TensorMap, typeLayouts, type View } from '@halyard/core';
import type { MatmulProblem } from '../problem.js';
import { formatBytes, type TensorFormat } from '../tensor/format.js';
import { type SharedTile, tileBytes } from '../tensor/shared-tile.js';
import { layoutOf, type OperandPlan, sourceOf } from '../tensor/sources.js';
import type { WarpgroupTile } from './choose.js';

/** Bytes of a row of a tile, as wide as chunks are swizzled. */
export const rowBytes = 128;
const greatestStride = 2 ** 40;

/** How one operand gets into shared memory. */
export interface WarpgroupOperand {
  /** Without a map, the threads of the producing warps do it as `source` says. */
  readonly plan: OperandPlan;
  readonly bulk?: BulkCopies;
}

/** Bulk copies of a tile: boxes beside each other along m or n. */
export interface BulkCopies {
  readonly map: Omit<TensorMap, 'memory'>;
  /** Of the operand's axes, those of the map's dimensions behind the first two. */
  readonly batchAxes: readonly number[];
  readonly boxes: number;
  /** Blocks of the cluster that each copy an equal share of the boxes, to all of them. */
  readonly sharedBy: number;
}

/** Boxes of a whole tile: one, or one for each panel. */
const boxesOf = ({ layout, elementBytes }: SharedTile, extent: number): number =>
  layout === 'depth' ? 1 : (extent * elementBytes) / rowBytes;

/** Whether so many blocks can each copy an equal share of an operand's tile. */
export const canDivide = (tile: SharedTile, extent: number, blocks: number): boolean =>
  tile.layout === 'depth' ? extent % (8 * blocks) === 0 : boxesOf(tile, extent) % blocks === 0;

/** What keeps a product from this form, in words; or how its operands are brought. */
export function planOperands(
  problem: MatmulProblem,
  format: TensorFormat,
  tile: Omit<WarpgroupTile, 'stages'>,
): readonly WarpgroupOperand[] | string {
  const elementBytes = formatBytes[format];
  const depth = rowBytes / elementBytes;
  const operands: WarpgroupOperand[] = [];
  let offset = 0;
  for (const [index, described] of [problem.a, ...problem.bs].entries()) {
    const [extent, rows] = index === 0 ? [problem.m, tile.rows] : [problem.n, tile.columns];
    const name = index === 0 ? 'a' : `b${index - 1}`;
    const role = index === 0 ? 'a' : 'b';
    const source = sourceOf(problem, described, extent, format, 90);
    const layout = source === 'group' ? 'depth' : layoutOf(described, format);
    const chunk = 16 / elementBytes;
    const along = layout === 'depth' ? problem.k : extent;
    if (source === 'lanes' && (described.along !== layout || along % chunk !== 0))
      return `${name} does not lie in whole chunks of ${chunk} elements along ${layout === 'depth' ? 'k' : role === 'a' ? 'm' : 'n'}`;
    const shared: SharedTile = { layout, extent: rows, depth, elementBytes, padding: 0, isPanelled: true };
    const sharedBy = role === 'b' ? tile.cluster : 1;
    const bulk =
      source === 'asynchronous' ? bulkCopies(described.operand, problem.tensors, role, shared, sharedBy) : undefined;
    operands.push({
      plan: {
        name,
        role,
        described,
        source: source === 'asynchronous' ? 'raw' : source,
        tile: shared,
        offset,
        extent,
        rowsFirst: false,
      },
      ...(bulk && { bulk }),
    });
    offset += tileBytes(shared);
  }
  return operands;
}

/** `undefined` where a map cannot describe the view. */
function bulkCopies(
  view: View,
  tensors: readonly Tensor[],
  role: 'a' | 'b',
  tile: SharedTile,
  sharedBy: number,
): BulkCopies | undefined {
  const { layout, extent, depth, elementBytes } = tile;
  const rank = view.shape.length;
  const [depthAxis, outerAxis] = role === 'a' ? [rank - 1, rank - 2] : [rank - 2, rank - 1];
  const [inner, other] = layout === 'depth' ? [depthAxis, outerAxis] : [outerAxis, depthAxis];
  const bytesOf = (axis: number) => view.strides[axis]! * elementBytes;
  const batchAxes = view.shape
    .slice(0, -2)
    .flatMap((count, axis) => (count > 1 && view.strides[axis] !== 0 ? [axis] : []))
    .sort((x, y) => view.strides[x]! - view.strides[y]!);
  const extents = [inner, other, ...batchAxes].map((axis) => view.shape[axis]!);
  const whole = Math.ceil((extents[0]! * elementBytes) / 16) * 16;
  const strides = [extents[1] === 1 ? whole : bytesOf(other), ...batchAxes.map(bytesOf)];
  const isOrderly = strides.every((stride, i) => {
    const before = i === 0 ? 16 : strides[i - 1]!;
    const least = i === 0 ? extents[0]! * elementBytes : extents[i]! * before;
    return stride % before === 0 && stride >= least && stride < greatestStride;
  });
  const offset = view.offset * elementBytes;
  const start = tensors[view.tensor]!.offset + offset;
  if (extents.length > 5 || !isOrderly || start % 16 !== 0) return undefined;
  const boxes = Math.max(boxesOf(tile, extent), sharedBy);
  const box = layout === 'depth' ? [depth, extent / boxes] : [extent / boxes, depth];
  const map = {
    offset,
    elementBytes: typeLayouts[tensors[view.tensor]!.type].bytes as 1 | 2 | 4,
    extents,
    strides,
    box: [...box, ...batchAxes.map(() => 1)],
  };
  return { map, batchAxes, boxes, sharedBy };
}
