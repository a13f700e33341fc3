import type { Device } from '@halyard/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { float32, judge, judgeRandom, oneStep, openDevice, output, run } from './judge.js';

/** Many equal values, and NaN, infinities and both zeros among them. */
const mixed = (count: number) => {
  const rare = [NaN, Infinity, -Infinity, 0, -0];
  return Array.from({ length: count }, (_, i) => (i % 97 < 5 ? rare[i % 5]! : ((i * 7919) % 1013) - 500));
};
const sort = (
  values: readonly number[],
  shape: readonly number[],
  axis: number,
  count: number,
  descending: boolean,
) => {
  const sorted = shape.map((extent, at) => (at === axis ? count : extent));
  const outputs = [output('float32', sorted), output('int64', sorted)];
  return oneStep('sort', { axis, descending, count }, [float32(values, shape)], outputs);
};

describe.each([1, 3])('sort on %i threads', (threads) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice(threads);
  });
  afterAll(() => device.close());

  describe.each([true, false])('descending: %s', (descending) => {
    it.each([1, 40, 2500, 10_000])('gives the first %i of 10000', (count) =>
      judge(device, sort(mixed(10_000), [1, 10_000], 1, count, descending)),
    );

    it.each([0, 1, 2])('runs along axis %i', (axis) =>
      judge(device, sort(mixed(6 * 13 * 50), [6, 13, 50], axis, 5, descending)),
    );

    it('finds the first when each value comes later than all before it', () => {
      const rising = Array.from({ length: 9_000 }, (_, i) => (descending ? i : -i));
      return judge(device, sort(rising, [9_000], 0, 64, descending));
    });

    it('puts the lower index first among equals', async () => {
      const found = await run(device, sort(new Array(3000).fill(2), [3000], 0, 9, descending));
      expect([...new BigInt64Array(found[2]!.buffer)]).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]);
    });
  });

  it('takes NaN as the largest', async () => {
    const found = await run(device, sort([1, NaN, Infinity, NaN], [4], 0, 3, true));
    expect([...new BigInt64Array(found[2]!.buffer)]).toEqual([1n, 3n, 2n]);
  });

  it('sorts nothing, and nothing of something', async () => {
    expect((await run(device, sort([], [0], 0, 0, true)))[1]).toHaveLength(0);
    expect((await run(device, sort([1, 2], [2], 0, 0, true)))[1]).toHaveLength(0);
  });

  it('agrees with the reference on random programs of every type', async () => {
    expect(await judgeRandom(device, 34_000, 200, { kinds: ['sort'] })).toBeGreaterThan(130);
  });
});
