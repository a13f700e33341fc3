import type { Operand, Target, Tensor, View } from '../../contract/index.js';
import { elementCount } from '../column.js';
import { badProgram } from '../failures.js';
import { checkExpression } from './expression.js';

/** @throws HalyardError `bad-program` unless every element of the view is one of its tensor */
export function checkView(view: View, tensors: readonly Tensor[], where: string): void {
  const { tensor: index, offset, shape, strides } = view;
  const tensor = tensors[index];
  if (!tensor) throw badProgram(`${where}: tensor ${index}`, `an index below ${tensors.length}`);
  if (shape.length !== strides.length || ![offset, ...shape, ...strides].every(Number.isSafeInteger)) {
    throw badProgram(
      `${where}: shape [${shape}], strides [${strides}], offset ${offset}`,
      'as many whole strides as extents',
    );
  }
  if (shape.some((extent) => extent < 0)) throw badProgram(`${where}: shape [${shape}]`, 'no negative extent');
  if (elementCount(shape) === 0) return;
  let first = offset;
  let last = offset;
  for (const [axis, stride] of strides.entries()) {
    const reach = (shape[axis]! - 1) * stride;
    if (reach < 0) first += reach;
    else last += reach;
  }
  const elements = elementCount(tensor.shape);
  if (first < 0 || last >= elements) {
    throw badProgram(
      `${where}: elements ${first} to ${last} of a tensor that has ${elements}`,
      'a view inside of its tensor',
    );
  }
}

export function checkOperand(operand: Operand, tensors: readonly Tensor[], where: string): void {
  checkView(operand, tensors, where);
  const { quantization, prologue } = operand;
  if (quantization) {
    const { scale, zeroPoint, block } = quantization;
    const blocks = operand.shape.map((extent, axis) => Math.ceil(extent / (block[axis] ?? Number.NaN)));
    for (const view of zeroPoint ? [scale, zeroPoint] : [scale]) {
      checkView(view, tensors, `${where}, quantization`);
      checkShape(view.shape, blocks, `${where}, quantization`);
    }
  }
  if (!prologue) return;
  checkExpression(prologue, 1, operand.shape, tensors, `${where}, prologue`);
  if (prologue.results.length !== 1)
    throw badProgram(`${where}: a prologue with ${prologue.results.length} results`, 'one result');
}

export function checkTarget(target: Target, tensors: readonly Tensor[], where: string): void {
  checkView(target, tensors, where);
  if (!target.rows) return;
  const { axis, indices } = target.rows;
  checkView(indices, tensors, `${where}, rows`);
  const { type } = tensors[indices.tensor]!;
  if (indices.shape.length !== 1 || (type !== 'int32' && type !== 'int64') || target.shape[axis] === undefined) {
    throw badProgram(
      `${where}: rows along axis ${axis} named by ${type}[${indices.shape}]`,
      'an axis of the target, and indices of rank 1 in int32 or int64',
    );
  }
}

export function checkShape(found: readonly number[], expected: readonly number[], where: string): void {
  if (found.length === expected.length && found.every((extent, axis) => extent === expected[axis])) return;
  throw badProgram(`${where}: shape [${found}]`, `shape [${expected}]`);
}
