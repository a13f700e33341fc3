import { type Program, reference, type Target, type Tensor, typeLayouts, type View } from '@halyard/core';

/** Beside a program's memory, the error of each element, found by the address of its first byte. */
export interface Shadow {
  readonly memory: reference.Memory;
  /** Of the elements of a view, in row-major order. */
  errors(view: View): Float64Array;
  /** Sets the errors of what is stored to a target; slices that its `rows` drop are dropped. */
  store(target: Target, errors: Float64Array, shape: readonly number[]): void;
  /** Of all bytes of a binding. */
  readonly bindings: readonly Float64Array[];
}

export function createShadow(program: Program, bindings: readonly Uint8Array[], workspace: Uint8Array): Shadow {
  const memory = reference.programMemory(program, bindings, workspace);
  const ofBindings = bindings.map(({ length }) => new Float64Array(length));
  const ofWorkspace = new Float64Array(workspace.length);
  const ofTensors = new Map<number, Float64Array>();
  const locate = (index: number): { readonly errors: Float64Array; readonly start: number; readonly size: number } => {
    const tensor = program.tensors[index]!;
    const size = typeLayouts[tensor.type].bytes;
    if (tensor.at === 'workspace') return { errors: ofWorkspace, start: tensor.offset, size };
    if (tensor.at !== 'none') return { errors: ofBindings[tensor.at.binding]!, start: tensor.offset, size };
    const errors = ofTensors.get(index) ?? new Float64Array(memory.bytes(index).length);
    ofTensors.set(index, errors);
    return { errors, start: 0, size };
  };
  return {
    memory,
    bindings: ofBindings,
    errors(view) {
      const count = reference.elementCount(view.shape);
      const result = new Float64Array(count);
      // Packed types are only ever read, and exact.
      if (!isPlain(program.tensors[view.tensor]!)) return result;
      const { errors, start, size } = locate(view.tensor);
      for (let i = 0; i < count; i++) result[i] = errors[start + elementOf(view, coordinatesOf(view.shape, i)) * size]!;
      return result;
    },
    store(target, errors, shape) {
      const { errors: to, start, size } = locate(target.tensor);
      const { rows } = target;
      const named = rows && reference.readView(memory, rows.indices, 0, rows.indices.shape[0]!).column;
      for (let i = 0; i < errors.length; i++) {
        const index = coordinatesOf(shape, i);
        if (rows && named) {
          const row = Number(named[index[rows.axis]!]);
          if (row < 0 || row >= target.shape[rows.axis]!) continue;
          index[rows.axis] = row;
        }
        to[start + elementOf(target, index) * size] = errors[i]!;
      }
    },
  };
}

const isPlain = ({ type }: Tensor): boolean => typeLayouts[type].elements === 1;

/** The index of an element, from its place in row-major order. */
export function coordinatesOf(shape: readonly number[], place: number): number[] {
  const index = new Array<number>(shape.length);
  let rest = place;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}

/** The element of the tensor that an index of a view is. */
export function elementOf(view: Pick<View, 'offset' | 'strides'>, index: readonly number[]): number {
  let element = view.offset;
  for (let axis = 0; axis < index.length; axis++) element += index[axis]! * view.strides[axis]!;
  return element;
}
