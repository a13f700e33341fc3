import { HalyardError } from '../../contract/index.js';

/** @throws HalyardError `bad-program` */
export function reject(found: string, expected: string): never {
  throw new HalyardError('bad-program', {
    found,
    expected,
    remedy: 'Compile the graph again with this version of Halyard.',
  });
}

/** @throws HalyardError `bad-program` unless the value is an integer in the range, both ends included */
export function checkInteger(value: unknown, what: string, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return;
  reject(`${what} ${String(value)}`, `an integer from ${least} to ${most}`);
}

/** @throws HalyardError `bad-program` unless the value is an array */
export function checkArray(value: unknown, what: string): void {
  if (!Array.isArray(value)) reject(`${what} is ${typeof value}`, 'an array');
}

/** @throws HalyardError `bad-program` unless the value is an object */
export function checkObject(value: unknown, what: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    reject(`${what} is ${String(value)}`, 'an object');
}
