import { decompose, defaultPrecision, type Graph, MLGraphBuilder, type Module, opSupportLimits } from '@halyard/core';
import { expect, test } from 'vitest';
import { squares } from './squares.js';

async function power(exponent: number): Promise<Module> {
  let recorded: Graph | undefined;
  const builder = new MLGraphBuilder({
    opSupportLimits: () => opSupportLimits(),
    compile: async (graph) => {
      recorded = graph;
      return { explain: () => Promise.reject(new Error('nothing was compiled')), destroy() {} } as never;
    },
  });
  const x = builder.input('x', { dataType: 'float32', shape: [3] });
  await builder.build({ y: builder.pow(x, builder.constant('float32', exponent)) });
  return decompose(recorded!, defaultPrecision);
}

const operators = ({ steps }: Module) => steps.flatMap(({ epilogue }) => epilogue?.body.map(({ op }) => op) ?? []);

test('a power of two becomes a product of the value with itself', async () => {
  const module = squares(await power(2));
  expect(operators(module)).toContain('mul');
  expect(operators(module)).not.toContain('pow');
});

test('other powers stay the very same steps', async () => {
  const module = await power(3);
  const after = squares(module);
  module.steps.forEach((step, index) => {
    expect(after.steps[index]).toBe(step);
  });
});

test('the module that was handed in is not changed', async () => {
  const module = await power(2);
  const before = structuredClone(module);
  squares(module);
  expect(module).toEqual(before);
});
