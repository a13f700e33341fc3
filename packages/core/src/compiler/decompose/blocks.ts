import { HalyardError, type View } from '../../contract/index.js';
import { blockElements } from '../../graph/data-types.js';
import type { Operator } from '../../graph/graph.js';
import { elementCount } from '../views.js';
import type { ModuleWriter } from './module-writer.js';

/** Who reads a tensor, and where it is. */
interface BlockReader {
  readonly module: ModuleWriter;
  readonly operator: Operator;
}

/**
 * Block-quantized tensors are read in whole blocks: along one axis of the view, element after element.
 *
 * @throws HalyardError `bad-argument` if slicing or reshaping has cut blocks apart
 */
export function requireWholeBlocks({ module, operator }: BlockReader, view: View): void {
  const { type, label } = module.tensors[view.tensor]!;
  const block = blockElements(type);
  if (block === 1 || elementCount(view.shape) === 0) return;
  const isAlongBlocks = (axis: number) => view.strides[axis] === 1 && view.shape[axis]! % block === 0;
  const along = view.shape.findIndex((_, axis) => isAlongBlocks(axis));
  const isBetweenBlocks = (axis: number) => view.shape[axis] === 1 || view.strides[axis]! % block === 0;
  const isWhole = along >= 0 && view.shape.every((_, axis) => axis === along || isBetweenBlocks(axis));
  if (isWhole && view.offset % block === 0) return;
  throw new HalyardError('bad-argument', {
    found: `${operator.name} "${operator.label}": part of the blocks of ${label ?? 'a constant'}, ${type}`,
    expected: `whole blocks of ${block} elements along one dimension`,
    remedy: 'Dequantize it first: cast(operand, "float32").',
  });
}
