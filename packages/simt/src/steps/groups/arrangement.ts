import { type LaunchExtents, typeLayouts, type View } from '@halyard/core';
import { isPacked, type Place, wordFor } from '../../expression/index.js';
import type { KernelWriter } from '../../kernel/kernel-writer.js';
import { decompose } from '../../space/decompose.js';
import type { GroupSpace } from './group-space.js';

/** How the threads of a block share groups of elements. */
export interface Arrangement {
  /** `row`: neighbouring threads take neighbours of one group; `column`: elements of neighbouring groups. */
  readonly form: 'row' | 'column';
  /** Threads for each group: a power of two. */
  readonly along: number;
  /** Groups of a block. */
  readonly beside: number;
  /** Neighbouring elements that a thread takes at once. */
  readonly width: number;
}

export const powerOfTwo = (least: number): number => 2 ** Math.ceil(Math.log2(Math.max(least, 1)));

export const blockOf = ({ form, along, beside }: Arrangement): LaunchExtents =>
  form === 'row' ? [along, beside, 1] : [beside, along, 1];

export const threadsOf = ({ along, beside }: Arrangement): number => along * beside;

/** Barriers of the whole block are needed: threads of several warps work on a group. */
export const spansWarps = ({ form, along }: Arrangement, warpSize: number): boolean =>
  form === 'row' ? along > warpSize : along > 1;

/** As many neighbours along the last axis as move in one word of 128 bits. */
export function widthAlong(writer: KernelWriter, view: View, extents: readonly number[]): number {
  const extent = extents.at(-1);
  const { type } = writer.tensor(view.tensor);
  if (extent === undefined || isPacked(type)) return 1;
  const axis = view.shape.length - 1;
  let width = Math.min(16 / typeLayouts[type].bytes, 8);
  while (width > 1 && (extent % width !== 0 || !wordFor(writer, view, { coordinates: [], axis, width }))) width /= 2;
  return width;
}

/** Names that the threads of an arrangement find themselves by. */
export interface GroupNames {
  /** Of type int: the thread's place along its group. */
  readonly thread: string;
  /** A condition: this thread's group exists. Others repeat the last one and store nothing. */
  readonly isActive: string;
  readonly group: string;
  /** Of the group. */
  readonly coordinates: readonly string[];
}

export function writeGroupNames(writer: KernelWriter, space: GroupSpace, arrangement: Arrangement): GroupNames {
  const [thread, beside] = arrangement.form === 'row' ? ['threadIdx.x', 'threadIdx.y'] : ['threadIdx.y', 'threadIdx.x'];
  const along = writer.define('int', 'thread', `(int)${thread}`);
  const place = writer.define('int', 'place', `(int)blockIdx.x * ${arrangement.beside} + (int)${beside}`);
  const isExact = space.groups % arrangement.beside === 0;
  const group = isExact ? place : writer.define('int', 'group', `min(${place}, ${space.groups - 1})`);
  return {
    thread: along,
    isActive: isExact ? 'true' : `${place} < ${space.groups}`,
    group,
    coordinates: decompose(writer, group, space.kept),
  };
}

/** The place of elements of a group, from element `index` of it on. */
export function placeInGroup(
  writer: KernelWriter,
  space: GroupSpace,
  { coordinates }: GroupNames,
  index: string,
  width: number,
): Place {
  const all = [...coordinates, ...decompose(writer, index, space.along)];
  return { coordinates: all, axis: width === 1 ? -1 : all.length - 1, width };
}
