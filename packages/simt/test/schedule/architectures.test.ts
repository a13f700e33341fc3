import { architectureModel as simulated } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { architectureModel } from '../../src/schedule/index.js';
import { architectures } from '../support/matrix-targets.js';

/** GeForce boards do half of what boards for data centers do with float32 sums; of sm_10x and sm_110 `mma.sync` alone counts. */
const matrixFactors: Readonly<Record<string, number>> = {
  ...{ sm_86: 2, sm_89: 2, sm_120: 2, sm_121: 2 },
  ...{ sm_100: 0.5, sm_103: 0.5, sm_110: 0.5 },
};
/** Of these the order of loads is planned with the latency of a relative: see their sources. */
const derivedLatencies = ['sm_100', 'sm_103', 'sm_110', 'sm_120', 'sm_121'];

const tens = (clocks: number) => Math.round(clocks / 10) * 10;

describe.each(architectures)('the figures of %s by which instructions are ordered', (architecture) => {
  const own = architectureModel(architecture);
  const { rates, matrixRates, latencies, residency, sectorsPerClock } = simulated(architecture);

  it('are those by which the simulator estimates', () => {
    expect(own.multiplyAdds).toBe(rates.float32);
    expect(own.cacheBytes).toBe(Math.round(32 * sectorsPerClock));
    expect(own.tensorMultiplyAdds).toBe(matrixRates.float16 * (matrixFactors[architecture] ?? 1));
    expect(own).toMatchObject({ sharedBytes: residency.sharedBytes, maximumThreads: residency.threads });
    expect(own.hasAsynchronousCopies).toBe(residency.reservedSharedBytes > 0);
  });

  it('have its latencies, in tens, or say whose they have', () => {
    expect(own.latency.shared).toBe(tens(latencies.shared));
    if (derivedLatencies.includes(architecture)) expect(own.source).toMatch(/derived/);
    else expect(own.latency.global).toBe(tens(latencies.global));
  });
});
