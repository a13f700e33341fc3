import { tuningTables } from '@halyard/core';
import { describe, expect, it } from 'vitest';
import { relativesOf } from '../src/probe/adapter.js';

describe('relatives of an architecture', () => {
  it.each([
    [72, 'sm_70'],
    [87, 'sm_86'],
    [103, 'sm_100'],
    [110, 'sm_100'],
    [121, 'sm_120'],
  ])('of sm_%i, for which there is no table, begin with the one whose table it takes: %s', (architecture, nearest) => {
    expect(tuningTables[`sm_${architecture}`]).toBeUndefined();
    const relatives = relativesOf(architecture);
    expect(relatives[0]).toBe(nearest);
    expect(tuningTables[relatives[0]!]).toBeDefined();
  });

  it('are of its own line before they are of another', () => {
    expect(relativesOf(121)).toEqual(['sm_120', 'sm_89', 'sm_86', 'sm_80', 'sm_75', 'sm_70']);
    expect(relativesOf(110)).toEqual(['sm_100', 'sm_90', 'sm_80', 'sm_75', 'sm_70']);
  });

  it('of one that is not known are the newest that is older', () => {
    expect(relativesOf(130)[0]).toBe('sm_121');
    expect(relativesOf(88)[0]).toBe('sm_87');
    expect(relativesOf(61)).toEqual([]);
  });
});
