import type { DataType } from '@halyard/core';
import type { Value } from './value.js';

/**
 * Where a thread is in a step's shape: one element, or `width` elements along `axis`, of which the first is at
 * `coordinates`, all of type int. The coordinate along `axis` is a multiple of `width`.
 */
export interface Place {
  /** One for each axis: names, or parenthesized expressions without side effects. */
  readonly coordinates: readonly string[];
  /** −1 where `width` is 1. */
  readonly axis: number;
  readonly width: number;
}

/** A single element. */
export const at = (coordinates: readonly string[]): Place => ({ coordinates, axis: -1, width: 1 });

/** The coordinates of one lane of a place. */
export function laneCoordinates({ coordinates, axis, width }: Place, lane: string): readonly string[] {
  if (width === 1) return coordinates;
  return coordinates.map((coordinate, index) => (index === axis ? `(${coordinate} + ${lane})` : coordinate));
}

/** A value for each lane of a place: an array, or one name for all of them. */
export interface Lanes {
  readonly name: string;
  readonly type: DataType;
  readonly isUniform: boolean;
}

/** The value of one lane. */
export const laneValue = ({ name, type, isUniform }: Lanes, lane: string): Value => ({
  code: isUniform ? name : `${name}[${lane}]`,
  type,
});

/** One value for all lanes. */
export const uniform = ({ code, type }: Value): Lanes => ({ name: code, type, isUniform: true });
