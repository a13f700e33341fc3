import type { Target, View } from '../../contract/index.js';
import { contiguousStrides, elementCount } from '../views.js';

/*
 * One step writes a tensor at its own indices, another reads it at other indices. These functions say in terms of the
 * reader's indices what the writer did in terms of its own, so that the tensor between them is not needed.
 */

interface Axis {
  readonly extent: number;
  /** Distance in the tensor between them. */
  readonly through: number;
  /** Distance in what is to be viewed anew. */
  readonly stride: number;
}

/**
 * `through` and `view` have one index space (the writer's); `reader` reads what `through` writes. Gives the view whose
 * element at an index of `reader` is that of `view` at the index at which `through` writes it. `undefined` where the
 * reader reads anything else, too, or where strides cannot say it.
 */
export function reindex(through: View, view: View, reader: View): View | undefined {
  if (elementCount(reader.shape) === 0) {
    return { tensor: view.tensor, offset: view.offset, shape: reader.shape, strides: contiguousStrides(reader.shape) };
  }
  const { axes, start, offset } = jointAxes(through, view);
  const map = indexMap(axes, reader, start);
  if (!map) return undefined;
  const dot = (digits: readonly number[]) => digits.reduce((sum, digit, at) => sum + digit * axes[at]!.stride, 0);
  return {
    tensor: view.tensor,
    offset: offset + dot(map.start),
    shape: reader.shape,
    strides: map.steps.map(dot),
  };
}

/**
 * The target at which the elements that `reader` reads out of what `through` wrote are to be written instead: `target`
 * has the index space of `reader`, the result that of `through`. `undefined` unless each is read once.
 */
export function retarget(through: View, reader: View, target: Target): Target | undefined {
  if (!covers(through, reader)) return undefined;
  if (!target.rows) return reindex(reader, target, through);
  const { axis, indices } = target.rows;
  const plain = { ...target, shape: reader.shape };
  const moved = reindex(reader, plain, through);
  // The axis along which rows are named has to be one axis on the other side, index for index.
  const own = axisOf(reader, through, axis);
  if (!moved || own === undefined) return undefined;
  if (moved.strides.some((stride, at) => at !== own && through.shape[at]! > 1 && stride === 0)) return undefined;
  const strides = moved.strides.map((stride, at) => (at === own ? target.strides[axis]! : stride));
  const shape = moved.shape.map((extent, at) => (at === own ? target.shape[axis]! : extent));
  return { tensor: target.tensor, offset: moved.offset, shape, strides, rows: { axis: own, indices } };
}

/** Whether the reader reads each element that is written there just once, and nothing else. */
export function covers(written: View, reader: View): boolean {
  if (elementCount(written.shape) !== elementCount(reader.shape)) return false;
  return reindex(written, written, reader) !== undefined && reindex(reader, reader, written) !== undefined;
}

/**
 * The axis of `reader` that runs with `axis` of `through`, index for index; `undefined` where it is several, none, or
 * shifted. Extents of 1 run with any axis whose index is 0 all along.
 */
export function axisOf(through: View, reader: View, axis: number): number | undefined {
  const unit = { ...through, strides: through.strides.map((_, at) => (at === axis ? 1 : 0)), offset: 0 };
  const moved = reindex(through, unit, reader);
  if (moved?.offset !== 0) return undefined;
  const along = moved.strides.map((stride, at) => ({ stride, at })).filter(({ at }) => moved.shape[at]! > 1);
  const running = along.filter(({ stride }) => stride !== 0);
  if (running.length === 1 && running[0]!.stride === 1 && moved.shape[running[0]!.at] === through.shape[axis]) {
    return running[0]!.at;
  }
  if (running.length > 0 || through.shape[axis] !== 1) return undefined;
  const single = moved.shape.findIndex((extent, at) => extent === 1 && moved.strides[at] === 0);
  return single < 0 ? undefined : single;
}

/** The axes that both views share, largest distance first, all distances of `through` positive, as few as can be. */
function jointAxes(through: View, view: View) {
  let start = through.offset;
  let offset = view.offset;
  const sorted: Axis[] = [];
  through.shape.forEach((extent, axis) => {
    if (extent === 1) return;
    const distance = through.strides[axis]!;
    const stride = view.strides[axis]!;
    if (distance >= 0) {
      sorted.push({ extent, through: distance, stride });
      return;
    }
    start += distance * (extent - 1);
    offset += stride * (extent - 1);
    sorted.push({ extent, through: -distance, stride: -stride });
  });
  sorted.sort((a, b) => b.through - a.through);
  const axes: Axis[] = [];
  for (const axis of sorted) {
    const last = axes[axes.length - 1];
    if (last && last.through === axis.through * axis.extent && last.stride === axis.stride * axis.extent) {
      axes[axes.length - 1] = { extent: last.extent * axis.extent, through: axis.through, stride: axis.stride };
    } else {
      axes.push(axis);
    }
  }
  return { axes, start, offset };
}

/** The reader's start and steps as numbers of steps along each axis; `undefined` where an axis would be left. */
function indexMap(axes: readonly Axis[], reader: View, start: number) {
  const base = digits(reader.offset - start, axes);
  if (!base) return undefined;
  const lowest = [...base];
  const highest = [...base];
  const steps: number[][] = [];
  for (const [axis, extent] of reader.shape.entries()) {
    const step = extent === 1 ? axes.map(() => 0) : digits(reader.strides[axis]!, axes);
    if (!step) return undefined;
    steps.push(step);
    step.forEach((digit, at) => {
      (digit < 0 ? lowest : highest)[at]! += digit * (extent - 1);
    });
  }
  if (axes.some(({ extent }, at) => lowest[at]! < 0 || highest[at]! >= extent)) return undefined;
  return { start: base, steps };
}

function digits(distance: number, axes: readonly Axis[]): number[] | undefined {
  let rest = Math.abs(distance);
  const sign = distance < 0 ? -1 : 1;
  const found = axes.map(({ through }) => {
    const digit = through === 0 ? 0 : Math.floor(rest / through);
    rest -= digit * through;
    return digit === 0 ? 0 : sign * digit;
  });
  return rest === 0 ? found : undefined;
}

/** Whether a view may be one of a block-quantized tensor: whole blocks along one axis, consecutive there. */
export function readsWholeBlocks(view: View, block: number): boolean {
  if (elementCount(view.shape) === 0) return true;
  const along = view.strides.findIndex((stride, axis) => stride === 1 && view.shape[axis]! > 1);
  if (along < 0 || view.shape[along]! % block !== 0 || view.offset % block !== 0) return false;
  return view.strides.every((stride, axis) => axis === along || view.shape[axis] === 1 || stride % block === 0);
}
