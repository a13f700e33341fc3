import {
  type KernelArgument,
  type LibraryMatrix,
  type LibraryProduct,
  type Operand,
  type Step,
  type Tensor,
  type Type,
  typeLayouts,
  type View,
} from '@halyard/core';
import { biasOf } from './epilogue.js';

/** A matmul step as a question to the vendor's library, and where its operands are. */
export interface DescribedProduct {
  readonly product: LibraryProduct;
  readonly arguments: readonly KernelArgument[];
}

/** Every binding and the workspace begin at a multiple. */
const bindingAlignment = 256;

/**
 * A matmul step in the library's terms. The contract's matrices are row-major and BLAS's column-major, so that the
 * transposed product is asked for: dᵀ [n, m] = bᵀ [n, k] · aᵀ [k, m], with the step's b as the library's a.
 *
 * @param workspaceBytes the most that the library may have
 * @returns a text that says why it cannot be asked
 */
export function describeProduct(
  step: Step<'matmul'>,
  tensors: readonly Tensor[],
  workspaceBytes: number,
): DescribedProduct | string {
  const [a, b, ...others] = step.inputs as readonly Operand[];
  const [output] = step.outputs;
  if (others.length > 0) return 'several products at once';
  if ([a!, b!].some(({ prologue, quantization }) => prologue || quantization)) return 'operands are changed as read';
  if (output!.rows) return 'rows of the result go where a tensor says';
  const typeOf = ({ tensor }: View): Type => tensors[tensor]!.type;
  const compute = computeOf(step, typeOf(a!), typeOf(b!), typeOf(output!));
  if (!compute) return `not of the types ${typeOf(a!)} · ${typeOf(b!)} → ${typeOf(output!)}`;
  const bias = biasOf(step, tensors);
  if (typeof bias === 'string') return bias;
  const rank = a!.shape.length;
  const [m, k, n] = [a!.shape[rank - 2]!, a!.shape[rank - 1]!, b!.shape[rank - 1]!];
  const batches = a!.shape.slice(0, -2).reduce((product, extent) => product * extent, 1);
  if (m * n * k * batches === 0) return 'nothing to multiply';
  const left = matrixOf(b!, tensors, rank - 1, rank - 2);
  const right = matrixOf(a!, tensors, rank - 1, rank - 2);
  const result = matrixOf(output!, tensors, rank - 1, rank - 2);
  if (!left || !right || !result) return 'elements that lie side by side along neither rows nor columns';
  if (result.isTransposed) return 'the result lies column by column';
  const views = [b!, a!, output!, ...(bias ? [bias] : [])];
  return {
    product: {
      ...{ rows: n, columns: m, depth: k, batches, compute, a: left, b: right, d: result },
      ...(bias && { bias: { offset: offsetOf(bias, tensors), alignment: alignmentOf(bias, tensors) } }),
      ...{ workspaceBytes, algorithm: '' },
    },
    arguments: views.map(({ tensor }) => addressOf(tensors[tensor]!)),
  };
}

/** What may be multiplied in: the step's choice of precision, or the type itself where nothing is rounded. */
function computeOf(step: Step<'matmul'>, a: Type, b: Type, d: Type): LibraryProduct['compute'] | undefined {
  const { multiply, accumulate } = step.attributes;
  if (a !== b) return undefined;
  if (a === 'int8') return accumulate === 'int32' && d === 'int32' ? 'int32' : undefined;
  if (accumulate !== 'float32') return undefined;
  if (a === 'float16' || a === 'bfloat16') return d === a || d === 'float32' ? 'float32' : undefined;
  if (a !== 'float32' || d !== 'float32') return undefined;
  if (multiply === 'float8') return 'float16';
  return multiply === 'int8' ? 'float32' : multiply;
}

/**
 * The transpose of a view's last two dimensions as a column-major matrix: its rows run along `rowAxis`.
 *
 * @returns nothing for what BLAS cannot say
 */
function matrixOf(
  view: View,
  tensors: readonly Tensor[],
  rowAxis: number,
  columnAxis: number,
): LibraryMatrix | undefined {
  const { shape, strides } = view;
  const [rows, columns] = [shape[rowAxis]!, shape[columnAxis]!];
  const isAlong = (axis: number) => strides[axis] === 1 || shape[axis] === 1;
  // Of a single row or column the distance to the next one counts for nothing.
  const leadingOf = (axis: number, least: number) => (shape[axis] === 1 ? least : strides[axis]!);
  const batchStride = batchStrideOf(view);
  if (batchStride === undefined) return undefined;
  const common = {
    type: tensors[view.tensor]!.type,
    batchStride,
    offset: offsetOf(view, tensors),
    alignment: alignmentOf(view, tensors),
  };
  if (isAlong(rowAxis) && leadingOf(columnAxis, rows) >= rows)
    return { ...common, isTransposed: false, leading: leadingOf(columnAxis, rows) };
  if (isAlong(columnAxis) && leadingOf(rowAxis, columns) >= columns)
    return { ...common, isTransposed: true, leading: leadingOf(rowAxis, columns) };
  return undefined;
}

/** The one distance from batch to batch over all batch dimensions; nothing if there is no such. */
function batchStrideOf({ shape, strides }: View): number | undefined {
  let stride: number | undefined;
  let following = 1;
  for (let axis = shape.length - 3; axis >= 0; axis--) {
    if (shape[axis] === 1) continue;
    stride ??= strides[axis]!;
    if (strides[axis] !== stride * following) return undefined;
    following *= shape[axis]!;
  }
  return (stride ?? 0) < 0 ? undefined : (stride ?? 0);
}

/** Bytes from the start of the binding, or from the tensor's own start in the workspace. */
function offsetOf({ tensor, offset }: View, tensors: readonly Tensor[]): number {
  const { at, type, offset: start } = tensors[tensor]!;
  return offset * typeLayouts[type].bytes + (typeof at === 'object' ? start : 0);
}

/** The greatest power of two, up to that of bindings, at a multiple of which a view's first element is. */
function alignmentOf({ tensor, offset }: View, tensors: readonly Tensor[]): number {
  const { type, offset: start } = tensors[tensor]!;
  let alignment = bindingAlignment;
  while ((offset * typeLayouts[type].bytes + start) % alignment !== 0) alignment /= 2;
  return alignment;
}

function addressOf({ at, offset }: Tensor): KernelArgument {
  return typeof at === 'object' ? { kind: 'binding', binding: at.binding } : { kind: 'workspace', offset };
}
