import type { Configuration } from '@halyard/core';

/** A number of a tuning table's entry, or what is taken where it says nothing. */
export function numberFrom(tuning: Configuration, key: string, otherwise: number): number {
  const value = tuning[key];
  return typeof value === 'number' && value > 0 ? value : otherwise;
}
