import { describe, expect, it } from 'vitest';
import { runSuite } from '../support/run-suite.js';
import { canSimulate } from '../support/simulated-process.js';

describe.runIf(canSimulate)('the suite that every backend has to pass', () => {
  it('passes on the simulator', { timeout: 280_000 }, async () => {
    const device = { architecture: 'sm_80', memoryBytes: 512 * 2 ** 20 };
    const { passed, failures } = await runSuite('conformance.suite.ts', device);
    expect(failures).toEqual([]);
    expect(passed).toBeGreaterThan(50);
  });
});
