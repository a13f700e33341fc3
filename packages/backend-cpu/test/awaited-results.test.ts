import cpuPlugin from '@halyard/backend-cpu';
import { createContext, type MLContext, MLGraphBuilder } from '@halyard/core';
import { afterAll, beforeAll, expect, it } from 'vitest';

let context: MLContext;
let addAndRead: () => Promise<number>;

beforeAll(async () => {
  context = await createContext({ backends: [cpuPlugin] });
  const builder = new MLGraphBuilder(context);
  const scalar = { dataType: 'float32', shape: [1] } as const;
  const x = builder.input('x', scalar);
  const graph = await builder.build({ y: builder.add(x, builder.constant(scalar, Float32Array.of(1))) });
  const input = await context.createTensor({ ...scalar, writable: true });
  const output = await context.createTensor({ ...scalar, readable: true });
  context.writeTensor(input, Float32Array.of(2));
  addAndRead = async () => {
    context.dispatch(graph, { x: input }, { y: output });
    return new Float32Array(await context.readTensor(output))[0]!;
  };
});
afterAll(() => context.destroy());

it('a program that awaits one small result after another lets timers go off', async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  for (const end = performance.now() + 300; performance.now() < end; ) expect(await addAndRead()).toBe(3);
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(10);
});
