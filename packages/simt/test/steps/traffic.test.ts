import { ProgramBuilder } from '@halyard/conformance';
import type { Counters } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { targets } from '../support/matrix-targets.js';
import { judge } from '../support/simulate.js';
import { addMap, chain, double, input, output, unaryCase } from '../support/steps.js';

const target = { ...targets.sm_80, multiprocessors: 4 };
const f32 = 'float32';

/** Sectors of 32 bytes are full, and each byte is asked for once. */
function expectLoadsOnce(counters: Counters, bytes: number): void {
  expect(counters.globalLoadBytes).toBe(bytes);
  expect(counters.globalLoadSectors).toBe(bytes / 32);
}

function expectStoresOnce(counters: Counters, bytes: number): void {
  expect(counters.globalStoreBytes).toBe(bytes);
  expect(counters.globalStoreSectors).toBe(bytes / 32);
}

describe('memory traffic', () => {
  it('of a fused chain moves no byte twice, in words of 128 bits', async () => {
    const shape = [96, 512];
    const bytes = 96 * 512 * 4;
    const builder = new ProgramBuilder();
    const inputs = [1, 2, 3].map((seed) => input(builder, f32, shape, seed));
    addMap(builder, inputs, output(builder, f32, shape), chain);
    const { counters } = await judge(builder.finish('chain'), target);
    expect(counters).toHaveLength(1);
    expectLoadsOnce(counters[0]!, 3 * bytes);
    expectStoresOnce(counters[0]!, bytes);
    expect(counters[0]!.globalLoadRequests).toBe((3 * bytes) / (32 * 16));
    expect(counters[0]!.globalStoreRequests).toBe(bytes / (32 * 16));
  });

  it('of a map between float16 and float32 fills words on both sides', async () => {
    const shape = [64, 512];
    const count = 64 * 512;
    const builder = new ProgramBuilder();
    addMap(builder, [input(builder, 'float16', shape)], output(builder, f32, shape), double);
    const [counters] = (await judge(builder.finish('widen'), target)).counters;
    expectLoadsOnce(counters!, 2 * count);
    expect(counters!.globalLoadRequests).toBe((2 * count) / (32 * 16));
    expect(counters!.globalStoreRequests).toBe((4 * count) / (32 * 16));
  });

  it('of a transposing map fills sectors on both sides, without bank conflicts', async () => {
    const builder = new ProgramBuilder();
    const stored = input(builder, f32, [128, 96]);
    const turned = { ...stored, shape: [96, 128], strides: [1, 96] };
    addMap(builder, [turned], output(builder, f32, [96, 128]), double);
    const [counters] = (await judge(builder.finish('transpose'), target)).counters;
    expectLoadsOnce(counters!, 96 * 128 * 4);
    expectStoresOnce(counters!, 96 * 128 * 4);
    expect(counters!.sharedBankConflicts).toBe(0);
  });

  it.each(['softmax', 'logSoftmax', 'layer', 'rms'] as const)('of %s reads each row once', async (form) => {
    const shape = [24, 576];
    const attributes = { form, axes: [1], epsilon: 1e-5 };
    const [counters] = (await judge(unaryCase('normalize', f32, shape, [[f32, shape]], attributes), target)).counters;
    expectLoadsOnce(counters!, 24 * 576 * 4);
    expectStoresOnce(counters!, 24 * 576 * 4);
  });

  it('of a reduction reads each element once, along rows and down columns', async () => {
    for (const axes of [[0], [1]]) {
      const attributes = { combine: 'sum', axes, accumulate: f32 } as const;
      const shape = [128, 256];
      const reduced = shape.with(axes[0]!, 1);
      const [counters] = (await judge(unaryCase('reduce', f32, shape, [[f32, reduced]], attributes), target)).counters;
      expectLoadsOnce(counters!, 128 * 256 * 4);
    }
  });
});
