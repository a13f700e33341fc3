import cpuPlugin from '@halyard/backend-cpu';
import { testBackend } from '@halyard/conformance';
import { describe, expect, it } from 'vitest';

/** As many as there is time for; what is checked in finds nothing in 5,000. */
const graphs = Number(process.env.HALYARD_RANDOM_GRAPHS ?? 60);
const report = testBackend(cpuPlugin, { describe, it }, { open: { threads: 3 }, programs: 40, graphs });

describe('what is left to do', () => {
  it('is stated with a reason, and is no part of map, reduce, normalize, gather, scan or sort', () => {
    for (const { what, reason } of report.leftToDo) {
      expect(['matmul', 'attention', 'scatter', 'composite']).toContain(what);
      expect(reason).not.toBe('');
    }
  });
});
