import type { Device, Step } from '@halyard/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { float32, type Given, int32, judge, judgeRandom, oneStep, openDevice, output, run } from './judge.js';

type Attributes = Step<'gather'>['attributes'];
const counted = (count: number) => Array.from({ length: count }, (_, i) => i * 0.5 - 3);
const gather = (attributes: Attributes, from: Given, indices: Given, shape: readonly number[]) =>
  oneStep('gather', attributes, [from, indices], [output('float32', shape)]);

describe.each([1, 3])('gather on %i threads', (threads) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice(threads);
  });
  afterAll(() => device.close());

  it('takes rows wider than a tile, counted from the end and clamped', () =>
    judge(
      device,
      gather({ form: 'rows', axis: 0 }, float32(counted(9 * 5003), [9, 5003]), int32([0, -1, 40, -40, 4]), [5, 5003]),
    ));

  it('takes rows along the last axis', () =>
    judge(
      device,
      gather({ form: 'rows', axis: 1 }, float32(counted(7 * 300), [7, 300]), int32([299, -300, 5, 5]), [7, 4]),
    ));

  it('takes single elements', () =>
    judge(
      device,
      gather(
        { form: 'elements', axis: 1 },
        float32(counted(40 * 90), [40, 90]),
        int32(
          Array.from({ length: 40 * 70 }, (_, i) => ((i * 37) % 200) - 100),
          [40, 70],
        ),
        [40, 70],
      ),
    ));

  it('takes slices that tuples of indices name', () =>
    judge(
      device,
      gather(
        { form: 'nd', axis: 0 },
        float32(counted(4 * 5 * 33), [4, 5, 33]),
        int32([3, 4, -1, -5, 9, 0], [3, 2]),
        [3, 33],
      ),
    ));

  it('takes nothing', async () => {
    const found = await run(device, gather({ form: 'rows', axis: 0 }, float32(counted(6), [2, 3]), int32([]), [0, 3]));
    expect(found[2]).toHaveLength(0);
  });

  it('agrees with the reference on random programs of every type', async () => {
    expect(await judgeRandom(device, 31_000, 300, { kinds: ['gather'] })).toBeGreaterThan(200);
  });
});
