import { afterAll, describe, expect, it } from 'vitest';
import { newFolder, removeFolders } from '../support/fake-driver.js';
import { runSuite } from '../support/run-suite.js';
import { canSimulate } from '../support/simulated-process.js';
import { buildStandinCublasLt } from '../support/standin-cublaslt.js';

describe.runIf(canSimulate)('the benchmark of products on a device', () => {
  afterAll(removeFolders);

  it('runs from end to end on the simulator, beside a stand-in for cuBLASLt', { timeout: 280_000 }, async () => {
    const library = await buildStandinCublasLt(newFolder());
    const device = { architecture: 'sm_80', memoryBytes: 64 * 2 ** 20 };
    expect(await runSuite('bench.suite.ts', device, { variables: library.environment })).toEqual({
      passed: 1,
      failures: [],
    });
  });
});
