import { testBackend } from '@halyard/conformance';
import { referencePlugin } from '@halyard/core';
import { describe, expect, it } from 'vitest';

const report = testBackend(referencePlugin, { describe, it });

describe('the suite', () => {
  it('finds nothing left to do in the reference backend', () => {
    expect(report.leftToDo).toEqual([]);
    expect(report.passed).toBeGreaterThan(1000);
  });
});
