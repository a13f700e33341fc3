import type { Device, Step } from '@halyard/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { float32, type Given, int32, judge, judgeRandom, oneStep, openDevice, run } from './judge.js';

type Attributes = Step<'scatter'>['attributes'];
const counted = (count: number) => Array.from({ length: count }, (_, i) => (i % 11) * 0.5 - 2);
const scatter = (attributes: Attributes, indices: Given, updates: Given, state: Given) =>
  oneStep('scatter', attributes, [indices, updates], [{ ...state, isState: true }]);

describe.each([1, 3])('scatter on %i threads', (threads) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice(threads);
  });
  afterAll(() => device.close());

  describe.each(['add', 'mul', 'min', 'max'] as const)('with %s', (combine) => {
    it.each(['drop', 'clamp'] as const)(
      'combines rows that are named repeatedly, and %ss what is outside',
      (outOfRange) =>
        judge(
          device,
          scatter(
            { form: 'rows', axis: 0, combine, outOfRange },
            int32(Array.from({ length: 60 }, (_, i) => ((i * 7) % 12) - 6)),
            float32(counted(60 * 1501), [60, 1501]),
            float32(counted(5 * 1501), [5, 1501]),
          ),
        ),
    );
  });

  it('gives the same bits on each run where elements meet', async () => {
    const values = Array.from({ length: 5000 }, (_, i) => Math.fround(1 / (i + 1)));
    const sums = scatter(
      { form: 'elements', axis: 0, combine: 'add', outOfRange: 'drop' },
      int32(Array.from({ length: 5000 }, (_, i) => (i * 13) % 4)),
      float32(values),
      float32([0, 0, 0, 0]),
    );
    const [first, second] = [await run(device, sums), await run(device, sums)];
    const inOrder = new Float32Array(4);
    for (const [i, value] of values.entries()) inOrder[(i * 13) % 4]! += value;
    expect(first[2]).toEqual(second[2]);
    expect(new Float32Array(first[2]!.buffer)).toEqual(inOrder);
  });

  it('keeps what no index names', async () => {
    const kept = scatter(
      { form: 'nd', axis: 0, combine: 'replace', outOfRange: 'drop' },
      int32([2, 7, -1], [3, 1]),
      float32([10, 20, 30, 40, 50, 60], [3, 2]),
      float32([1, 2, 3, 4, 5, 6, 7, 8], [4, 2]),
    );
    const found = await run(device, kept);
    expect([...new Float32Array(found[2]!.buffer)]).toEqual([1, 2, 3, 4, 10, 20, 50, 60]);
  });

  it('agrees with the reference on random programs of every type', async () => {
    expect(await judgeRandom(device, 32_000, 300, { kinds: ['scatter'] })).toBeGreaterThan(200);
  });
});
