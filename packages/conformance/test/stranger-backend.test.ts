import { type LeftToDo, testBackend } from '@halyard/conformance';
import { reference } from '@halyard/core';
import { describe, expect, it } from 'vitest';
import { strangerBackend } from './stranger-backend.js';

let listed: readonly LeftToDo[] = [];
const report = testBackend(
  strangerBackend(),
  { describe, it },
  {
    onLeftToDo: (items) => {
      listed = items;
    },
  },
);

describe('of a backend that has four kinds of step, the suite', () => {
  it('tests what it has', () => {
    expect(report.passed).toBeGreaterThan(70);
  });

  it('lists what is left to do, in the backend’s own words', () => {
    const missing = new Set(listed.filter(({ reason }) => reason.startsWith('no kernel')).map(({ what }) => what));
    expect(reference.stepKinds.filter((kind) => missing.has(kind)).sort()).toEqual(
      ['attention', 'gather', 'map', 'matmul', 'normalize', 'reduce', 'scan', 'scatter', 'sort'].sort(),
    );
    expect(listed).toContainEqual(
      expect.objectContaining({ what: 'sort', part: 'step', reason: 'no kernel for sort' }),
    );
    expect(listed).toContainEqual(expect.objectContaining({ what: 'matmul', part: 'epilogue' }));
    expect(listed).toContainEqual(
      expect.objectContaining({ part: 'prologue', reason: 'operands are read as they are' }),
    );
  });
});
