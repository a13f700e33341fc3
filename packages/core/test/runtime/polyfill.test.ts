import { expect, test } from 'vitest';
import '../../src/polyfill.js';

interface WebNN {
  readonly navigator: { readonly ml: { createContext(options: object): Promise<never> } };
  readonly MLGraphBuilder: new (context: unknown) => never;
}

test('a client of WebNN finds everything where the specification puts it', async () => {
  const web = globalThis as unknown as WebNN & Record<string, new () => unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: as a client in plain JavaScript sees it
  const context: any = await web.navigator.ml.createContext({ device: 'reference', powerPreference: 'low-power' });
  expect(context).toBeInstanceOf(web.MLContext!);
  // biome-ignore lint/suspicious/noExplicitAny: as a client in plain JavaScript sees it
  const builder: any = new web.MLGraphBuilder(context);
  const descriptor = { dataType: 'float32', shape: [2, 2] };
  const a = builder.input('a', descriptor);
  expect(a).toBeInstanceOf(web.MLOperand!);
  const graph = await builder.build({ c: builder.add(builder.mul(a, builder.constant('float32', 0.2)), a) });
  expect(graph).toBeInstanceOf(web.MLGraph!);
  const [tensor, result] = await Promise.all([
    context.createTensor({ ...descriptor, writable: true }),
    context.createTensor({ ...descriptor, readable: true }),
  ]);
  expect(tensor).toBeInstanceOf(web.MLTensor!);
  context.writeTensor(tensor, Float32Array.of(1, 2, 3, 4));
  context.dispatch(graph, { a: tensor }, { c: result });
  const values = new Float32Array(await context.readTensor(result));
  for (const [index, value] of values.entries()) expect(value).toBeCloseTo((index + 1) * 1.2, 5);
  context.destroy();
  expect(await context.lost).toHaveProperty('message');
});
