import { isNear } from '../../expression/address.js';
import { isBlockType } from '../block-quantized.js';
import type { MatmulOperand, MatmulProblem } from '../problem.js';
import { quantizedRows } from '../quantized-rows.js';
import { formatBytes, type TensorFormat } from './format.js';
import type { SharedTile } from './shared-tile.js';

/**
 * How an operand gets into shared memory. `asynchronous`: copied past the registers. `raw`: as it is, through
 * registers. `group`: 32 quantized elements stay packed in registers until they are put; as int8 they are put so. `lanes`: element by element
 * (vectorized where it can be) through quantization and prologue.
 */
export type Source = 'asynchronous' | 'raw' | 'group' | 'lanes';

/** How one operand gets into shared memory, and how it lies there. */
export interface OperandPlan {
  /** `a`, `b0`, … */
  readonly name: string;
  readonly role: 'a' | 'b';
  readonly described: MatmulOperand;
  readonly source: Source;
  readonly tile: SharedTile;
  /** Bytes from the start of a stage. */
  readonly offset: number;
  /** Extent of m or n. */
  readonly extent: number;
  /** Neighbouring threads take neighbouring rows instead of chunks: the operand's memory runs along them. */
  readonly rowsFirst: boolean;
  /** Of int8 by blocks: where the scales of each 32 elements of k are. */
  readonly scales?: ScalePlaces;
}

/** Floats in a stage, beside an operand's tile: for each group of 32 elements of k, one for each m (or n). */
export interface ScalePlaces {
  /** Bytes from the start of a stage. */
  readonly offset: number;
  /** Floats from group to group. */
  readonly stride: number;
  /** Behind the scales of all groups there are, of a, sums of elements, and, of b, offsets. */
  readonly hasOffsets: boolean;
}

const storedAs: Readonly<Record<TensorFormat, string>> = {
  float16: 'float16',
  bfloat16: 'bfloat16',
  tfloat32: 'float32',
  int8: 'int8',
  float8: 'float8e4m3',
};

export const isStoredAs = ({ type }: MatmulOperand, format: TensorFormat): boolean => storedAs[format] === type;

/** @param capability of the target; asynchronous copies are there from 80 on */
export function sourceOf(
  problem: MatmulProblem,
  described: MatmulOperand,
  extent: number,
  format: TensorFormat,
  capability: number,
): Source {
  const isGrouped = formatBytes[format] === 2 || format === 'int8';
  if (isBlockType(described.type) && isGrouped && quantizedRows(problem.tensors, described.operand)) return 'group';
  const chunk = 16 / formatBytes[format];
  const along = described.along === 'depth' ? problem.k : extent;
  const isOuterOfWideElements = described.along === 'outer' && formatBytes[format] !== 2;
  const isWhole = described.alignment === 16 && along % chunk === 0 && isNear(described.operand);
  if (!described.isPlain || !isStoredAs(described, format) || !isWhole || isOuterOfWideElements) return 'lanes';
  return capability >= 80 ? 'asynchronous' : 'raw';
}

export const layoutOf = (described: MatmulOperand, format: TensorFormat): SharedTile['layout'] =>
  described.along === 'outer' && formatBytes[format] === 2 ? 'outer' : 'depth';
