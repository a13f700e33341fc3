import { createContext, HalyardError } from '@halyard/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { lowerings } from '../../packages/core/src/compiler/decompose/index.js';
import type { Lowering } from '../../packages/core/src/compiler/decompose/operator-scope.js';
import { type MLSmoothStepOptions, SmoothStepBuilder } from './smooth-step.js';
import { smoothStepLowerings } from './smooth-step-lowering.js';

// In core it is listed in decompose/index.ts instead.
beforeAll(() => void (lowerings as Map<string, Lowering>).set('smoothStep', smoothStepLowerings.smoothStep!));

async function run(values: readonly number[], options: MLSmoothStepOptions, fusion: 'on' | 'off'): Promise<number[]> {
  const context = await createContext({ device: 'reference', fusion });
  const builder = new SmoothStepBuilder(context);
  const descriptor = { dataType: 'float32', shape: [values.length] } as const;
  const x = builder.input('x', descriptor);
  const graph = await builder.build({ y: builder.neg(builder.smoothStep(x, options)) });
  const input = await context.createTensor({ ...descriptor, writable: true });
  const output = await context.createTensor({ ...descriptor, readable: true });
  context.writeTensor(input, Float32Array.from(values));
  context.dispatch(graph, { x: input }, { y: output });
  const result = [...new Float32Array(await context.readTensor(output))];
  await context.destroy();
  return result.map((value) => -value);
}

describe('smoothStep', () => {
  test.each(['on', 'off'] as const)('is its formula, with fusion %s', async (fusion) => {
    const values = [-3, -1, -0.5, 0, 0.25, 1, 2.5, 3, 10];
    const results = await run(values, { low: -1, high: 3 }, fusion);
    values.forEach((x, index) => {
      const t = Math.min(Math.max((x + 1) / 4, 0), 1);
      expect(results[index]).toBeCloseTo(t * t * (3 - 2 * t), 6);
    });
  });

  test('rejects bounds that are not in order', async () => {
    await expect(run([0], { low: 1, high: 1 }, 'on')).rejects.toThrow(HalyardError);
  });
});
