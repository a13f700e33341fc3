import { InvalidArgumentError } from 'commander';

interface Range {
  readonly least: number;
  readonly most?: number;
}

/** Parses an option's value as a number within bounds. */
export function numberWithin(range: Range): (value: string) => number {
  return (value) => inRange(value, range, 'A number');
}

/** Parses an option's value as an integer within bounds. */
export function integerWithin(range: Range): (value: string) => number {
  return (value) => {
    const number = inRange(value, range, 'An integer');
    if (!Number.isSafeInteger(number)) throw new InvalidArgumentError(`An integer ${describe(range)} is expected.`);
    return number;
  };
}

function inRange(value: string, range: Range, kind: string): number {
  const number = value.trim() === '' ? Number.NaN : Number(value);
  if (number >= range.least && number <= (range.most ?? Number.MAX_VALUE)) return number;
  throw new InvalidArgumentError(`${kind} ${describe(range)} is expected.`);
}

function describe({ least, most }: Range): string {
  return most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
}

/** Options by which a command says where and how it computes. */
export interface DeviceOptions {
  readonly device?: string;
  readonly threads?: number;
}
