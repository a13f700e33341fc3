import { HalyardError } from '../contract/index.js';

/** Rejects an argument. `where` names the method and, if it has one, the label: `matmul "attention.query"`. */
export function rejectArgument(where: string, found: string, expected: string, remedy: string): never {
  throw new HalyardError('bad-argument', { found: `${where}: ${found}`, expected, remedy });
}

/** A value in words, for messages. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(describe).join(', ')}]`;
  if (value === null || typeof value !== 'object') return `${String(value)}`;
  return value.constructor?.name ?? 'an object';
}

export function describeShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/**
 * Names a use of a method in messages: `matmul "attention.query"`.
 *
 * @throws HalyardError `bad-argument` for a label that is no text
 */
export function placeOf(method: string, label: unknown): string {
  if (label === undefined || label === '') return method;
  if (typeof label !== 'string')
    rejectArgument(method, `label ${describe(label)}`, 'text', 'Name it, or leave it out.');
  return `${method} "${label}"`;
}
