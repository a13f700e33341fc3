import type { Operand, Step } from '@halyard/core';
import { operandValue } from '../expression/index.js';
import type { KernelWriter } from '../kernel/kernel-writer.js';

/** What gather and scatter have in common: places of a tensor that indices name. */
export interface Addressing {
  readonly form: Step<'gather'>['attributes']['form'];
  readonly axis: number;
  /** Of the tensor that is indexed. */
  readonly shape: readonly number[];
  readonly indices: Operand;
}

/** Of all that is named. */
export function namedShape({ form, axis, shape, indices }: Addressing): number[] {
  if (form === 'elements') return [...indices.shape];
  if (form === 'rows') return [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)];
  return [...indices.shape.slice(0, -1), ...shape.slice(indices.shape.at(-1)!)];
}

/** Whether the last axis of what is named is the last one of the tensor, untouched by indices. */
export function hasRuns({ form, axis, shape, indices }: Addressing): boolean {
  if (form === 'elements') return false;
  return form === 'rows' ? axis < shape.length - 1 : indices.shape.at(-1)! < shape.length;
}

/**
 * The coordinates in the tensor of an element that is named, with indices counted from the end where negative.
 *
 * @param coordinates of the element in {@link namedShape}
 * @param clamp brings indices into range; otherwise `isInside` is the condition that they are
 */
export function locate(
  writer: KernelWriter,
  addressing: Addressing,
  coordinates: readonly string[],
  clamp: boolean,
): { readonly coordinates: readonly string[]; readonly isInside: string } {
  const { form, axis, shape, indices } = addressing;
  const inside: string[] = [];
  const resolve = (place: readonly string[], extent: number): string => {
    const given = writer.define('long long', 'index', operandValue(writer, indices, place).code);
    const counted = writer.define('long long', 'index', `${given} < 0 ? ${given} + ${extent} : ${given}`);
    if (clamp) return writer.define('int', 'row', `(int)min(max(${counted}, 0ll), ${extent - 1}ll)`);
    inside.push(`${counted} >= 0 && ${counted} < ${extent}`);
    return writer.define('int', 'row', `(int)${counted}`);
  };
  let located: string[];
  if (form === 'elements') {
    located = coordinates.map((own, other) => (other === axis ? resolve(coordinates, shape[axis]!) : own));
  } else if (form === 'rows') {
    const rank = indices.shape.length;
    const row = resolve(coordinates.slice(axis, axis + rank), shape[axis]!);
    located = [...coordinates.slice(0, axis), row, ...coordinates.slice(axis + rank)];
  } else {
    const tuple = coordinates.slice(0, indices.shape.length - 1);
    const depth = indices.shape.at(-1)!;
    const rows = Array.from({ length: depth }, (_, place) => resolve([...tuple, `${place}`], shape[place]!));
    located = [...rows, ...coordinates.slice(tuple.length)];
  }
  return { coordinates: located, isInside: inside.length === 0 ? 'true' : inside.join(' && ') };
}
