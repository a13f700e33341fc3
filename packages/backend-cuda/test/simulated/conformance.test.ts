import type { CudaMajor } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { runSuite } from '../support/run-suite.js';
import { canSimulate } from '../support/simulated-process.js';

type Target = readonly [architecture: string, compiler: CudaMajor];

/** Volta needs NVRTC 12. */
const whole: readonly Target[] = [
  ['sm_80', '13'],
  ['sm_70', '12'],
];
/** Here only the steps whose kernels depend most on the architecture, and on the oldest NVRTC. */
const part: readonly Target[] = [
  ['sm_80', '11'],
  ['sm_90', '13'],
  ['sm_120', '13'],
];
const partPattern = ' (matmul|attention|reduce|gather|sort) ';
/** Minutes, so only where HALYARD_TEST_ARCHITECTURES is `all`. */
const rest: readonly Target[] = [
  ['sm_72', '12'],
  ['sm_75', '13'],
  ['sm_80', '11'],
  ['sm_86', '13'],
  ['sm_87', '13'],
  ['sm_89', '13'],
  ['sm_90', '13'],
  ['sm_100', '13'],
  ['sm_103', '13'],
  ['sm_110', '13'],
  ['sm_120', '13'],
  ['sm_121', '13'],
];
const isAll = process.env.HALYARD_TEST_ARCHITECTURES === 'all';

const run = ([architecture, compiler]: Target, pattern?: string) =>
  runSuite(
    'conformance.suite.ts',
    { architecture, memoryBytes: 512 * 2 ** 20 },
    { compiler, ...(pattern === undefined ? {} : { pattern }) },
  );

describe.runIf(canSimulate)('the suite that every backend has to pass', () => {
  it.each(isAll ? [...whole, ...rest] : whole)(
    'passes on %s with NVRTC %s',
    { timeout: 280_000 },
    async (...target) => {
      const { passed, failures } = await run(target);
      expect(failures).toEqual([]);
      expect(passed).toBeGreaterThan(50);
    },
  );

  it.each(part)('passes on %s with NVRTC %s, in part', { timeout: 280_000 }, async (...target) => {
    const { passed, failures } = await run(target, partPattern);
    expect(failures).toEqual([]);
    expect(passed).toBeGreaterThanOrEqual(10);
  });
});
