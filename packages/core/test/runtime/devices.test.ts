import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  type BackendPlugin,
  createContext,
  defineBackend,
  type Graph,
  interpret,
  type MemorySource,
  type MLContext,
  MLGraphBuilder,
  type MLTensor,
  type Queue,
  referencePlugin,
  type Span,
  type Support,
} from '@halyard/core';
import { describe, expect, test } from 'vitest';
import { FakeDevice } from './fake-device.js';

const vector = { dataType: 'float32', shape: [4] } as const;
const square = { dataType: 'float32', shape: [4, 4] } as const;

async function build(context: MLContext, name = 'w') {
  const builder = new MLGraphBuilder(context);
  const weights = builder.constant(square, new Float32Array(16).fill(name.length));
  return builder.build({ y: builder.matmul(builder.input('x', square), weights) });
}

/** Lets everything that was posted happen. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('packed constants', () => {
  test('are packed once for all graphs that want them in the same layout', async () => {
    const device = new FakeDevice();
    device.packed.push({ constants: [1], layout: 'panels', bytes: 128 });
    const context = await createContext({ backends: [device.plugin] });
    const graphs = [await build(context), await build(context)];
    expect(device.count('pack')).toBe(1);
    expect(device.calls.find(({ name }) => name === 'pack')!.details[1]).toBe('panels');
    const tensors = await Promise.all([context.createTensor(square), context.createTensor(square)]);
    context.dispatch(graphs[0]!, { x: tensors[0]! }, { y: tensors[1]! });
    const [spans, packed] = device.calls.find(({ name }) => name === 'bind')!.details as [
      unknown[],
      { bytes: number }[],
    ];
    expect(spans[1]).toBeUndefined();
    expect(packed).toMatchObject([{ bytes: 128 }]);
    await build(context, 'other');
    expect(device.count('pack')).toBe(2);
    for (const graph of graphs) graph.destroy();
    await build(context);
    expect(device.count('pack')).toBe(3);
    await context.destroy();
  });

  test('that cannot be packed fail the build and are tried again by the next', async () => {
    const device = new FakeDevice();
    const context = await createContext({ backends: [device.plugin] });
    const failing = { isDone: true, wait: () => Promise.reject(new Error('the file is gone')) };
    const { token } = device;
    device.token = failing;
    await expect(build(context)).rejects.toMatchObject({ code: 'backend-failed' });
    device.token = token;
    await build(context);
    expect(context.telemetry.memory().fake!.tags.constant!.count).toBe(1);
    await context.destroy();
  });
});

test('workspaces are shared, and what was bound to a smaller one is bound anew', async () => {
  const device = new FakeDevice();
  const context = await createContext({ backends: [device.plugin], fusion: 'off' });
  const graphOf = async (rows: number) => {
    const shape = [rows, 64];
    const builder = new MLGraphBuilder(context);
    const x = builder.input('x', { dataType: 'float32', shape });
    const graph = await builder.build({ y: builder.softmax(builder.exp(builder.softmax(x, 1)), 1) });
    const [input, output] = [
      await context.createTensor({ dataType: 'float32', shape }),
      await context.createTensor({ dataType: 'float32', shape }),
    ];
    return () => context.dispatch(graph, { x: input }, { y: output });
  };
  const small = await graphOf(1);
  small();
  small();
  expect(device.count('bind')).toBe(1);
  const large = await graphOf(100);
  small();
  large();
  small();
  expect(device.count('bind')).toBe(3);
  const { tags } = context.telemetry.memory().fake!;
  expect(tags.workspace).toMatchObject({ count: 1 });
  expect(tags.workspace!.bytes).toBeGreaterThanOrEqual(100 * 64 * 4);
  await context.destroy();
});

test('after its device is lost a context refuses everything and says why', async () => {
  const device = new FakeDevice();
  const context = await createContext({ backends: [device.plugin] });
  const graph = await build(context);
  const [x, y] = [await context.createTensor(square), await context.createTensor({ ...square, readable: true })];
  device.lose('the cable was pulled');
  expect(await context.lost).toEqual({ message: 'the cable was pulled' });
  expect(() => context.dispatch(graph, { x }, { y })).toThrow(expect.objectContaining({ code: 'device-lost' }));
  await expect(context.readTensor(y)).rejects.toMatchObject({ code: 'device-lost' });
  await expect(context.createTensor(square)).rejects.toMatchObject({ code: 'device-lost' });
  await context.destroy();
});

describe('a plan over two devices', () => {
  const refusing = (name: string, kind: string) =>
    defineBackend({
      name,
      supports: (_adapter, step): Support =>
        step.kind === kind ? { part: 'step', reason: `${name} has no ${kind}` } : true,
      compile: (program) => (bindings, workspace) => {
        if (new Float32Array(bindings[0]!.buffer, bindings[0]!.byteOffset, 1)[0]! === 666)
          throw new Error('it is evil');
        interpret(program, bindings, workspace);
      },
    });

  async function twoDevices(build: (builder: MLGraphBuilder) => Parameters<MLGraphBuilder['build']>[0]) {
    const context = await createContext({
      device: ['main', 'helper'],
      backends: [refusing('main', 'matmul'), refusing('helper', 'reduce')],
    });
    const builder = new MLGraphBuilder(context);
    return { context, graph: await builder.build(build(builder)) };
  }

  const read = async (context: MLContext, tensor: MLTensor) => [...new Float32Array(await context.readTensor(tensor))];

  test('computes each part where it can be computed, and moves what passes between them', async () => {
    const { context, graph } = await twoDevices((builder) => {
      const x = builder.input('x', square);
      const product = builder.matmul(x, builder.add(x, builder.constant('float32', 1)));
      return { sums: builder.reduceSum(builder.exp(product), { axes: [1] }), product };
    });
    expect(graph.explain().decisions.length).toBeGreaterThan(0);
    const moved: string[] = [];
    context.telemetry.on('migrate', ({ from, to }) => void moved.push(`${from} → ${to}`));
    const x = await context.createTensor({ ...square, writable: true });
    const product = await context.createTensor({ ...square, readable: true });
    const sums = await context.createTensor({ ...vector, readable: true });
    const eye = Float32Array.from({ length: 16 }, (_, index) => (index % 5 === 0 ? 1 : 0));
    context.writeTensor(x, eye);
    context.dispatch(graph, { x }, { sums, product });
    context.writeTensor(x, new Float32Array(16));
    const expected = [...eye].map((value) => value + 1);
    expect(await read(context, product)).toEqual(expected);
    for (const sum of await read(context, sums)) expect(sum).toBeCloseTo(Math.exp(2) + 3 * Math.exp(1), 4);
    expect(moved).toContain('main → helper');
    expect(moved).toContain('helper → main');
    context.dispatch(graph, { x }, { sums, product });
    expect(await read(context, product)).toEqual(new Array(16).fill(0));
    await context.destroy();
  });

  test.each([
    ['directly where the devices are linked', true],
    ['through the host where they are not', false],
  ])('brings tensors %s', async (_how, isLinked) => {
    const copies: string[] = [];
    const memories = new Map<string, MemorySource>();
    const { probe, open, supports } = referencePlugin;
    const linked: BackendPlugin = {
      ...referencePlugin,
      name: 'linked',
      async probe(options) {
        const [adapter] = (await probe(options)).adapters;
        const links = (to: string) => (isLinked ? [{ to, bytesPerSecond: 1e9 }] : []);
        return {
          adapters: [
            { ...adapter!, id: 'first', links: links('second') },
            { ...adapter!, id: 'second', links: links('first') },
          ],
          refusals: [],
        };
      },
      supports: (adapter, step, tensors) =>
        (step.kind === 'matmul') === (adapter.id === 'second')
          ? supports(adapter, step, tensors)
          : { part: 'step', reason: 'it is for the other one' },
      async open(adapter, options) {
        const device = await open(adapter, options);
        memories.set(adapter.id, device.memory);
        const queueOf = device.queue.bind(device);
        // What a link is: bytes that one device writes into the memory of another.
        const copy: Queue['copy'] = (from, to, after = []) => {
          copies.push(`${from.region.device} → ${to.region.device}`);
          const bytes = ({ region, ...span }: Span) => memories.get(region.device)!.bytes!({ region, ...span });
          const token = { isDone: false, wait: () => done };
          const done = Promise.all(after.map((before) => before.wait())).then(() => {
            bytes(to).set(bytes(from));
            token.isDone = true;
          });
          return token;
        };
        return Object.assign(device, {
          queue: (kind: 'compute' | 'copy') => Object.assign(queueOf(kind), { copy }),
        });
      },
    };
    const context = await createContext({ device: ['linked:first', 'linked:second'], backends: [linked] });
    const builder = new MLGraphBuilder(context);
    const x = builder.input('x', square);
    const graph = await builder.build({ y: builder.exp(builder.matmul(builder.abs(x), x)) });
    const moved: boolean[] = [];
    context.telemetry.on('migrate', ({ isDirect }) => void moved.push(isDirect));
    const input = await context.createTensor({ ...square, writable: true });
    const output = await context.createTensor({ ...square, readable: true });
    for (const value of [-1, 0, 0.5]) {
      context.writeTensor(input, new Float32Array(16).fill(value));
      context.dispatch(graph, { x: input }, { y: output });
      for (const one of await read(context, output)) expect(one).toBeCloseTo(Math.exp(4 * Math.abs(value) * value), 5);
    }
    expect(moved.length).toBeGreaterThanOrEqual(6);
    expect(new Set(moved)).toEqual(new Set([isLinked]));
    expect(new Set(copies)).toEqual(new Set(isLinked ? ['first → second', 'second → first'] : []));
    await context.destroy();
  });

  test('poisons what it writes when a part fails, until it is written again', async () => {
    const { context, graph } = await twoDevices((builder) => {
      const product = builder.matmul(builder.input('x', square), builder.input('x2', square));
      return { sums: builder.reduceSum(product, { axes: [1] }) };
    });
    const [x, x2] = [await context.createTensor({ ...square, writable: true }), await context.createTensor(square)];
    const sums = await context.createTensor({ ...vector, readable: true, writable: true });
    context.writeTensor(x, new Float32Array(16).fill(666));
    context.dispatch(graph, { x, x2 }, { sums });
    await expect(context.readTensor(sums)).rejects.toMatchObject({ code: 'poisoned' });
    context.writeTensor(x, new Float32Array(16));
    context.dispatch(graph, { x, x2 }, { sums });
    expect(await read(context, sums)).toEqual([0, 0, 0, 0]);
    await context.destroy();
  });

  test('that is under way is finished when the context is destroyed', async () => {
    const { context, graph } = await twoDevices((builder) => ({
      sums: builder.reduceSum(builder.matmul(builder.input('x', square), builder.input('y', square)), { axes: [1] }),
    }));
    const [x, y] = [await context.createTensor(square), await context.createTensor(square)];
    const sums = await context.createTensor({ ...vector, readable: true });
    context.dispatch(graph, { x, y }, { sums });
    const result = read(context, sums);
    await context.destroy();
    expect(await result).toEqual([0, 0, 0, 0]);
  });
});

test('a graph compiled elsewhere can be loaded', async () => {
  const context = await createContext({ device: 'reference' });
  let kept: Graph | undefined;
  const builder = new MLGraphBuilder({
    opSupportLimits: () => context.opSupportLimits(),
    compile: (graph) => {
      kept = graph;
      return context.compile(graph);
    },
  });
  await builder.build({ y: builder.abs(builder.input('x', vector)) });
  const { compile } = await import('@halyard/core');
  const plan = compile(kept!, { devices: [{ adapter: context.adapter, supports: () => true }], fusion: 'on' });
  const graph = await context.load(JSON.parse(JSON.stringify(plan)), kept!);
  const [x, y] = [
    await context.createTensor({ ...vector, writable: true }),
    await context.createTensor({ ...vector, readable: true }),
  ];
  context.writeTensor(x, Float32Array.of(-1, 2, -3, 4));
  context.dispatch(graph, { x }, { y });
  expect([...new Float32Array(await context.readTensor(y))]).toEqual([1, 2, 3, 4]);
  await context.destroy();
});

test('what is forgotten is given back once it is collected', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const context = await createContext({ device: 'reference' });
  const bytes = () => context.telemetry.memory().reference!.allocatedBytes;
  const before = bytes();
  await (async () => {
    await build(context);
    await context.createTensor(square);
  })();
  expect(bytes()).toBeGreaterThan(before);
  for (let attempt = 0; attempt < 20 && bytes() > before; attempt++) {
    collect();
    await turn();
  }
  expect(bytes()).toBe(before);
  await context.destroy();
});
