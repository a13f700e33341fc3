import { describe, expect, it } from 'vitest';
import type { LoadsAhead } from '../../src/schedule/index.js';
import { estimateStep } from '../support/estimate-step.js';
import { matmulStep } from '../support/matrix-steps.js';
import { simulateStep } from '../support/simulate-step.js';

const product = (k: number) =>
  matmulStep({ m: 2048, n: 2048, k, a: 'float16', b: 'float16', multiply: 'float16', isTransposedB: true });

/** What the assembler moves by itself; without it nothing is ahead but what the source has ahead. */
const assembler = { schedulingWindow: 32 };

/** Of what is read, the share that no other block has brought into the second-level cache. */
const missRate = 0.1;

type Order = { readonly loadsAhead?: LoadsAhead; readonly fragmentBuffers?: 1 | 2 };

const orders = {
  planned: {},
  partAhead: { loadsAhead: 'part' },
  late: { loadsAhead: 'none' },
  plain: { loadsAhead: 'none', fragmentBuffers: 1 },
} satisfies Record<string, Order>;

describe.each([
  ['sm_70', 1.22, 1.37, 1.44],
  ['sm_75', 1.29, 1.5, 1.61],
] as const)('the order of a product of matrices on %s', (architecture, whole, ahead, both) => {
  /** Clocks of a step of the main loop: the difference of two depths, eight steps apart. */
  const clocksOfStep = async (order: Order) => {
    const estimate = (k: number) =>
      estimateStep(product(k), { architecture, tuning: { kernel: 'tensor', ...order } }, { missRate, ...assembler });
    return ((await estimate(512)).clocks - (await estimate(256)).clocks) / 8;
  };

  it(`is ${ahead} times as fast in the issue model with tiles loaded ahead, ${whole} times against half a step ahead, ${both} times with fragments too`, {
    timeout: 120_000,
  }, async () => {
    const planned = await clocksOfStep(orders.planned);
    const part = await clocksOfStep(orders.partAhead);
    const late = await clocksOfStep(orders.late);
    const plain = await clocksOfStep(orders.plain);
    expect(part / planned).toBeGreaterThan(whole);
    expect(late / planned).toBeGreaterThan(ahead);
    expect(plain / planned).toBeGreaterThan(both);
  });

  it('takes not one sector, wavefront or multiplication more for it', async () => {
    const count = async (loadsAhead: LoadsAhead) => {
      const tuning = { kernel: 'tensor', loadsAhead };
      const { counters } = await simulateStep(product(256), { architecture, blocks: 1, tuning });
      const { globalLoadSectors, sharedLoadWavefronts, sharedStoreWavefronts, matrixMultiplyAdds } = counters[0]!;
      return { globalLoadSectors, sharedLoadWavefronts, sharedStoreWavefronts, float16: matrixMultiplyAdds.float16 };
    };
    expect(await count('step')).toEqual(await count('none'));
  });
});
