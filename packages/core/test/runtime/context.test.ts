import {
  createContext,
  defineBackend,
  HalyardError,
  interpret,
  type MLContext,
  type MLGraph,
  MLGraphBuilder,
  type MLTensor,
} from '@halyard/core';
import { afterEach, describe, expect, test } from 'vitest';

const vector = { dataType: 'float32', shape: [3] } as const;
const contexts: MLContext[] = [];

async function reference(options: object = {}): Promise<MLContext> {
  const context = await createContext({ device: 'reference', ...options });
  contexts.push(context);
  return context;
}

afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.destroy()));
});

/** y = 2x + 1 */
async function affine(context: MLContext): Promise<MLGraph> {
  const builder = new MLGraphBuilder(context);
  const x = builder.input('x', vector);
  const y = builder.add(builder.mul(x, builder.constant('float32', 2)), builder.constant('float32', 1));
  return builder.build({ y });
}

/** count ← count + x */
async function counter(context: MLContext): Promise<MLGraph> {
  const builder = new MLGraphBuilder(context);
  const count = builder.state('count', vector);
  const next = builder.assign(count, builder.add(count, builder.input('x', vector)));
  return builder.build({ twice: builder.add(next, next) });
}

const tensor = (context: MLContext) => context.createTensor({ ...vector, readable: true, writable: true });
const read = async (context: MLContext, from: MLTensor) => [...new Float32Array(await context.readTensor(from))];

async function codeOf(work: () => unknown): Promise<string | undefined> {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(HalyardError);
    const { code, details } = error as HalyardError;
    expect(details.remedy).toMatch(/\.$/);
    return code;
  }
  return undefined;
}

describe('tensors', () => {
  test('are zeros when they are new, even in memory that was used before', async () => {
    const context = await reference();
    const first = await tensor(context);
    context.writeTensor(first, Float32Array.of(1, 2, 3));
    first.destroy();
    await context.settled();
    expect(await read(context, await tensor(context))).toEqual([0, 0, 0]);
  });

  test('keep what is written, which may be changed once the call has returned', async () => {
    const context = await reference();
    const target = await tensor(context);
    const data = Float32Array.of(1, 2, 3);
    context.writeTensor(target, data);
    data.fill(9);
    expect(await read(context, target)).toEqual([1, 2, 3]);
    const into = new Float32Array(3);
    expect(await context.readTensor(target, into)).toBeUndefined();
    expect([...into]).toEqual([1, 2, 3]);
  });

  test('may be empty', async () => {
    const context = await reference();
    const empty = await context.createTensor({ dataType: 'int8', shape: [0, 4], readable: true, writable: true });
    context.writeTensor(empty, new Int8Array(0));
    expect((await context.readTensor(empty)).byteLength).toBe(0);
  });

  test('are used only as they were declared, by their own context, while they are there', async () => {
    const [context, other] = await Promise.all([reference(), reference()]);
    const plain = await context.createTensor(vector);
    const full = await tensor(context);
    expect(await codeOf(() => context.readTensor(plain))).toBe('bad-argument');
    expect(await codeOf(() => context.writeTensor(plain, new Float32Array(3)))).toBe('bad-argument');
    expect(await codeOf(() => context.writeTensor(full, new Float32Array(2)))).toBe('bad-argument');
    expect(await codeOf(() => context.readTensor(full, new Float32Array(2)))).toBe('bad-argument');
    expect(await codeOf(() => other.readTensor(full))).toBe('bad-argument');
    full.destroy();
    full.destroy();
    expect(await codeOf(() => context.readTensor(full))).toBe('destroyed');
    expect(await codeOf(() => context.writeTensor(full, new Float32Array(3)))).toBe('destroyed');
  });

  test.each([
    { dataType: 'float33', shape: [1] },
    { dataType: 'float32', shape: [-1] },
    { dataType: 'float32', shape: [1.5] },
    { dataType: 'float32', shape: 3 },
    { dataType: 'float32', shape: [2 ** 40, 2 ** 40] },
  ])('are refused with %j', async (descriptor) => {
    const context = await reference();
    expect(await codeOf(() => context.createTensor(descriptor as never))).toBe('bad-argument');
  });

  test('too many of them are out of memory, and the context goes on', async () => {
    const context = await reference({ memoryBudget: 2 ** 20 });
    const large = { dataType: 'uint8', shape: [2 ** 20] } as const;
    const first = await context.createTensor(large);
    expect(await codeOf(() => context.createTensor(large))).toBe('out-of-memory');
    first.destroy();
    await context.createTensor(large);
  });

  test('constant ones become constants of graphs', async () => {
    const context = await reference();
    const weights = await context.createConstantTensor(vector, Float32Array.of(1, 2, 3));
    const builder = new MLGraphBuilder(context);
    const graph = await builder.build({ y: builder.mul(builder.input('x', vector), builder.constant(weights)) });
    weights.destroy();
    const [x, y] = [await tensor(context), await tensor(context)];
    context.writeTensor(x, Float32Array.of(1, 1, 2));
    expect(await codeOf(() => context.dispatch(graph, { x: weights }, { y }))).toBe('bad-argument');
    context.dispatch(graph, { x }, { y });
    expect(await read(context, y)).toEqual([1, 2, 6]);
  });
});

describe('dispatch', () => {
  test('computes, in the order of the calls', async () => {
    const context = await reference();
    const graph = await affine(context);
    const [a, b] = [await tensor(context), await tensor(context)];
    context.writeTensor(a, Float32Array.of(0, 1, 2));
    context.dispatch(graph, { x: a }, { y: b });
    context.dispatch(graph, { x: b }, { y: a });
    const early = read(context, a);
    context.writeTensor(a, Float32Array.of(5, 5, 5));
    expect(await early).toEqual([3, 7, 11]);
    expect(await read(context, a)).toEqual([5, 5, 5]);
  });

  test('keeps states between runs', async () => {
    const context = await reference();
    const graph = await counter(context);
    const [x, count, twice] = [await tensor(context), await tensor(context), await tensor(context)];
    context.writeTensor(x, Float32Array.of(1, 2, 3));
    for (let run = 0; run < 3; run++) context.dispatch(graph, { x }, { twice }, { states: { count } });
    expect(await read(context, count)).toEqual([3, 6, 9]);
    expect(await read(context, twice)).toEqual([6, 12, 18]);
  });

  test('refuses what does not fit before anything changes', async () => {
    const [context, other] = await Promise.all([reference(), reference()]);
    const graph = await affine(context);
    const [x, y, foreign] = [await tensor(context), await tensor(context), await tensor(other)];
    const wrongShape = await context.createTensor({ dataType: 'float32', shape: [4] });
    const wrongType = await context.createTensor({ dataType: 'int32', shape: [3] });
    context.writeTensor(y, Float32Array.of(7, 7, 7));
    const { runs } = context.telemetry.counters;
    const refused = (inputs: object, outputs: object, options?: object) =>
      codeOf(() => context.dispatch(graph, inputs as never, outputs as never, options));
    expect(await refused({}, { y })).toBe('bad-argument');
    expect(await refused({ x }, {})).toBe('bad-argument');
    expect(await refused({ x, z: x }, { y })).toBe('bad-argument');
    expect(await refused({ x: 3 }, { y })).toBe('bad-argument');
    expect(await refused({ x: foreign }, { y })).toBe('bad-argument');
    expect(await refused({ x: wrongShape }, { y })).toBe('bad-argument');
    expect(await refused({ x: wrongType }, { y })).toBe('bad-argument');
    expect(await refused({ x }, { y: x })).toBe('bad-argument');
    expect(await refused({ x }, { y }, { states: { count: x } })).toBe('bad-argument');
    expect(await refused({ x }, { y }, { signal: AbortSignal.abort() })).toBe('aborted');
    expect(await codeOf(() => other.dispatch(graph, { x }, { y }))).toBe('bad-argument');
    expect(await codeOf(() => context.dispatch({} as never, { x }, { y }))).toBe('bad-argument');
    expect(context.telemetry.counters.runs).toBe(runs);
    expect(await read(context, y)).toEqual([7, 7, 7]);
  });

  test('is checked anew when a tensor of the last one was destroyed', async () => {
    const context = await reference();
    const graph = await affine(context);
    const [x, y] = [await tensor(context), await tensor(context)];
    context.dispatch(graph, { x }, { y });
    x.destroy();
    expect(await codeOf(() => context.dispatch(graph, { x }, { y }))).toBe('destroyed');
    expect(await codeOf(() => context.dispatch(graph, { x: y, y }, { y }))).toBe('bad-argument');
    expect(await read(context, y)).toEqual([1, 1, 1]);
  });

  test('resolves addresses once for each set of tensors', async () => {
    const context = await reference();
    const graph = await affine(context);
    const inputs = await Promise.all(Array.from({ length: 12 }, () => tensor(context)));
    const y = await tensor(context);
    for (const [index, x] of inputs.entries()) context.writeTensor(x, new Float32Array(3).fill(index));
    for (let round = 0; round < 3; round++) {
      context.dispatch(graph, { x: inputs[0]! }, { y });
      context.dispatch(graph, { x: inputs[1]! }, { y });
    }
    expect(context.telemetry.counters.binds).toBe(2);
    for (const [index, x] of inputs.entries()) {
      context.dispatch(graph, { x }, { y });
      expect(await read(context, y)).toEqual(new Array(3).fill(2 * index + 1));
    }
    expect(context.telemetry.counters.rebinds).toBeGreaterThan(0);
    expect(context.telemetry.counters.binds).toBeLessThan(inputs.length);
  });

  test('goes on with what is in flight when tensors and graph are destroyed', async () => {
    const context = await reference();
    const graph = await affine(context);
    const [x, y] = [await tensor(context), await tensor(context)];
    context.writeTensor(x, Float32Array.of(1, 2, 3));
    context.dispatch(graph, { x }, { y });
    const result = read(context, y);
    x.destroy();
    graph.destroy();
    graph.destroy();
    expect(await result).toEqual([3, 5, 7]);
    expect(await codeOf(() => context.dispatch(graph, { x: y }, { y }))).toBe('destroyed');
  });

  test('shares constants between graphs, and frees them with the last', async () => {
    const context = await reference();
    const data = new Float32Array(1000).fill(1);
    const graphs = await Promise.all(
      [1, 2].map((factor) => {
        const builder = new MLGraphBuilder(context);
        const descriptor = { dataType: 'float32', shape: [1000] } as const;
        const sum = builder.add(builder.input('x', descriptor), builder.constant(descriptor, data));
        return builder.build({ y: builder.mul(sum, builder.constant('float32', factor)) });
      }),
    );
    const constants = () => context.telemetry.memory().reference!.tags.constant!;
    const bytes = constants().bytes;
    expect(bytes).toBeLessThan(2 * 4000);
    graphs[0]!.destroy();
    expect(constants().bytes).toBeGreaterThanOrEqual(4000);
    graphs[1]!.destroy();
    expect(constants().bytes).toBe(0);
    expect(context.telemetry.memory().reference!.tags.workspace!.bytes).toBe(0);
  });

  test('10 000 of them leave memory flat', async () => {
    const context = await reference();
    const graph = await affine(context);
    const [x, y] = [await tensor(context), await tensor(context)];
    const run = async (times: number) => {
      for (let index = 0; index < times; index++) {
        context.dispatch(graph, { x }, { y });
        if (index % 100 === 99) await context.settled();
      }
      globalThis.gc?.();
      return process.memoryUsage().heapUsed;
    };
    const before = await run(2_000);
    const pool = context.telemetry.memory().reference;
    const after = await run(8_000);
    expect(context.telemetry.memory().reference).toEqual(pool);
    expect(after - before).toBeLessThan(20 * 2 ** 20);
    expect(context.telemetry.counters).toMatchObject({ dispatches: 10_000, runs: 10_000, binds: 1 });
  });
});

describe('failures', () => {
  /** Fails as long as its first input is negative. */
  const touchy = defineBackend({
    name: 'touchy',
    compile: (program) => (bindings, workspace) => {
      if (new Float32Array(bindings[0]!.buffer, bindings[0]!.byteOffset, 1)[0]! < 0) throw new Error('it is negative');
      interpret(program, bindings, workspace);
    },
  });

  test('of a run poison what it writes until that is rewritten', async () => {
    const context = await createContext({ backends: [touchy] });
    contexts.push(context);
    const graph = await affine(context);
    const [x, y, z] = [await tensor(context), await tensor(context), await tensor(context)];
    context.writeTensor(x, Float32Array.of(-1, 0, 0));
    context.dispatch(graph, { x }, { y });
    context.dispatch(graph, { x: y }, { y: z });
    expect(await codeOf(() => read(context, y))).toBe('poisoned');
    expect(await codeOf(() => read(context, z))).toBe('poisoned');
    expect(await codeOf(() => read(context, y))).toBe('poisoned');
    expect(await read(context, x)).toEqual([-1, 0, 0]);
    context.writeTensor(y, Float32Array.of(1, 1, 1));
    context.dispatch(graph, { x: y }, { y: z });
    expect(await read(context, z)).toEqual([3, 3, 3]);
    context.writeTensor(x, Float32Array.of(1, 0, 0));
    context.dispatch(graph, { x }, { y });
    expect(await read(context, y)).toEqual([3, 1, 1]);
  });

  test('of compiling leave nothing behind', async () => {
    const context = await createContext({
      backends: [
        defineBackend({
          name: 'helpless',
          compile: (program) => {
            if (program.tensors.some(({ shape }) => shape[0] === 4)) throw new Error('no such kernel');
            return (bindings, workspace) => void interpret(program, bindings, workspace);
          },
        }),
      ],
    });
    contexts.push(context);
    const builder = new MLGraphBuilder(context);
    const x = builder.input('x', { dataType: 'float32', shape: [4] });
    const code = await codeOf(() => builder.build({ y: builder.add(x, builder.constant('float32', 2)) }));
    expect(code).toBe('backend-failed');
    expect(context.telemetry.memory().helpless!.allocatedBytes).toBe(0);
  });
});

describe('destroying a context', () => {
  test('finishes what was submitted and refuses what comes after', async () => {
    const context = await reference();
    const graph = await affine(context);
    const [x, y] = [await tensor(context), await tensor(context)];
    context.writeTensor(x, Float32Array.of(1, 2, 3));
    context.dispatch(graph, { x }, { y });
    const result = read(context, y);
    const closed = context.destroy();
    expect(await codeOf(() => context.dispatch(graph, { x }, { y }))).toBe('destroyed');
    expect(await codeOf(() => context.createTensor(vector))).toBe('destroyed');
    expect(await codeOf(() => context.readTensor(y))).toBe('destroyed');
    expect(await codeOf(() => context.writeTensor(y, new Float32Array(3)))).toBe('destroyed');
    expect(await codeOf(() => affine(context))).toBe('destroyed');
    expect(await result).toEqual([3, 5, 7]);
    await closed;
    await context.destroy();
    expect(await context.lost).toEqual({ message: 'The context was destroyed' });
    x.destroy();
    graph.destroy();
  });

  test('a build that is under way then fails with a typed error', async () => {
    const context = await reference();
    const building = codeOf(() => affine(context));
    const closed = context.destroy();
    expect(await building).toBe('destroyed');
    await closed;
  });
});

test('telemetry tells of runs, reads, writes and memory as they happen', async () => {
  const context = await reference();
  const heard: string[] = [];
  const stops = (['run', 'read', 'write', 'compile', 'allocate', 'constant'] as const).map((kind) =>
    context.telemetry.on(kind, () => void heard.push(kind)),
  );
  const graph = await affine(context);
  const [x, y] = [await tensor(context), await tensor(context)];
  context.writeTensor(x, new Float32Array(3));
  context.dispatch(graph, { x }, { y });
  await context.readTensor(y);
  for (const kind of ['compile', 'allocate', 'write', 'run', 'read']) expect(heard).toContain(kind);
  const count = heard.length;
  for (const stop of stops) stop();
  context.writeTensor(x, new Float32Array(3));
  expect(heard).toHaveLength(count);
});
