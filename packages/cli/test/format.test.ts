import { expect, test } from 'vitest';
import { formatBytes, formatColumns } from '../src/terminal/format.js';

test('bytes are counted in decimal units, with one digit below a hundred', () => {
  expect([0, 999, 1000, 98_362_432, 123_456_789, 4e12].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '98.4 MB',
    '123 MB',
    '4.0 TB',
  ]);
});

test('columns are as wide as their widest cell, and no line ends in blanks', () => {
  expect(formatColumns([['a', 'bb'], ['ccc', ''], ['d']])).toBe('a    bb\nccc\nd');
});
