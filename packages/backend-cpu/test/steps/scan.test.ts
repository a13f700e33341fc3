import type { Device } from '@halyard/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { float32, judge, judgeRandom, oneStep, openDevice, output, run } from './judge.js';

const shape = [5, 37, 130];
const signs = Array.from({ length: 5 * 37 * 130 }, (_, i) => (i % 7 < 3 ? -1 : 1) * (1 + (i % 5) / 256));

describe.each([1, 3])('scan on %i threads', (threads) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice(threads);
  });
  afterAll(() => device.close());

  describe.each(['sum', 'product', 'max', 'min'] as const)('with %s', (combine) => {
    it.each([
      [0, false, false],
      [1, true, false],
      [2, false, true],
      [2, true, true],
    ])('runs along axis %i, exclusive: %s, reversed: %s', (axis, exclusive, reversed) =>
      judge(
        device,
        oneStep('scan', { combine, axis, exclusive, reversed }, [float32(signs, shape)], [output('float32', shape)]),
      ),
    );
  });

  it('lets NaN through from where it stands', async () => {
    const attributes = { combine: 'max', axis: 0, exclusive: false, reversed: false };
    const found = await run(device, oneStep('scan', attributes, [float32([1, 3, NaN, 9])], [output('float32', [4])]));
    expect([...new Float32Array(found[1]!.buffer)]).toEqual([1, 3, NaN, NaN]);
  });

  it('scans nothing', async () => {
    const attributes = { combine: 'sum', axis: 0, exclusive: false, reversed: false };
    const found = await run(device, oneStep('scan', attributes, [float32([], [0, 4])], [output('float32', [0, 4])]));
    expect(found[1]).toHaveLength(0);
  });

  it('agrees with the reference on random programs of every type', async () => {
    // A running value that overflows float32 may be kept wider or not: what comes after it is either.
    const isCertain = (bounds: readonly Float64Array[]) => bounds.every((of) => !of.includes(Infinity));
    expect(await judgeRandom(device, 33_000, 300, { kinds: ['scan'] }, isCertain)).toBeGreaterThan(200);
  });
});
