import { type Operand, type Target, type Tensor, typeLayouts, type View } from '../../contract/index.js';
import { isBlockType } from '../expressions/operators.js';
import { elementCount, isInjective, viewRange } from '../views.js';
import { checkArray, checkInteger, reject } from './reject.js';

/** A view lies in its tensor; one of blocks runs along the innermost dimension. */
export function checkView(view: View, tensors: readonly Tensor[], where: string): void {
  checkInteger(view?.tensor, `${where}: tensor`, 0, tensors.length - 1);
  const tensor = tensors[view.tensor]!;
  checkArray(view.shape, `${where}: shape`);
  checkArray(view.strides, `${where}: strides`);
  if (view.shape.length !== view.strides.length) {
    reject(`${where}: ${view.shape.length} extents and ${view.strides.length} strides`, 'as many strides as extents');
  }
  for (const extent of view.shape) checkInteger(extent, `${where}: extent`, 0);
  for (const stride of view.strides) checkInteger(stride, `${where}: stride`, Number.MIN_SAFE_INTEGER);
  checkInteger(view.offset, `${where}: offset`, 0);
  const range = viewRange(view);
  const count = elementCount(tensor.shape);
  if (range && (range.lowest < 0 || range.highest >= count)) {
    reject(
      `${where}: elements ${range.lowest} to ${range.highest}`,
      `a view inside of the ${count} of tensor ${view.tensor}`,
    );
  }
  if (range && isBlockType(tensor.type)) checkBlocks(view, typeLayouts[tensor.type].elements, where);
}

function checkBlocks(view: View, block: number, where: string): void {
  const isInnermost = view.strides.some((stride, axis) => stride === 1 || view.shape[axis] === 1);
  if (!isInnermost || view.offset % block !== 0) {
    reject(
      `${where}: strides ${view.strides.join(',')} from ${view.offset} over blocks of ${block}`,
      'whole blocks with stride 1',
    );
  }
}

/** Reads are in bounds, and so are the views of prologue and quantization. */
export function checkOperand(operand: Operand, tensors: readonly Tensor[], where: string): void {
  checkView(operand, tensors, where);
  const { quantization } = operand;
  if (!quantization) return;
  for (const view of [quantization.scale, quantization.zeroPoint]) {
    if (!view) continue;
    checkView(view, tensors, `${where}: quantization`);
    const expected = operand.shape.map((extent, axis) => Math.ceil(extent / (quantization.block[axis] ?? 1)));
    checkShape(view.shape, expected, `${where}: quantization`);
  }
}

/** Each element is written once; `rows` name slices of the whole extent of the tensor written to. */
export function checkTarget(target: Target, tensors: readonly Tensor[], where: string): void {
  checkView(target, tensors, where);
  if (!isInjective(target)) reject(`${where}: strides ${target.strides.join(',')}`, 'each element written once');
  if (isBlockType(tensors[target.tensor]!.type))
    reject(`${where}: a block-quantized tensor`, 'a plain type to write to');
  if (!target.rows) return;
  const { axis, indices } = target.rows;
  checkInteger(axis, `${where}: axis of rows`, 0, target.shape.length - 1);
  checkView(indices, tensors, `${where}: indices of rows`);
  if (indices.shape.length !== 1) reject(`${where}: indices of rank ${indices.shape.length}`, 'rank 1');
  checkType(tensors[indices.tensor]!, ['int32', 'int64'], `${where}: indices of rows`);
}

export function checkShape(found: readonly number[], expected: readonly number[], where: string): void {
  if (found.length === expected.length && found.every((extent, axis) => extent === expected[axis])) return;
  reject(`${where}: shape [${found.join(',')}]`, `[${expected.join(',')}]`);
}

export function checkType(tensor: Pick<Tensor, 'type'>, types: readonly string[], where: string): void {
  if (!types.includes(tensor.type)) reject(`${where}: ${tensor.type}`, types.join(' or '));
}
