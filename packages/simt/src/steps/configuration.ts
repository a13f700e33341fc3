import type { Configuration } from '@halyard/core';

/** A number of a tuning table's entry, or what is taken where it says nothing. */
export function numberFrom(tuning: Configuration, key: string, otherwise: number): number {
  const value = tuning[key];
  return typeof value === 'number' && value > 0 ? value : otherwise;
}

/** As {@link numberFrom}, for a power of two within bounds; what is none is ignored. */
export function powerFrom(
  tuning: Configuration,
  key: string,
  otherwise: number,
  { least = 1, most }: { readonly least?: number; readonly most: number },
): number {
  const value = numberFrom(tuning, key, otherwise);
  return value >= least && value <= most && Number.isInteger(Math.log2(value)) ? value : otherwise;
}
