import { readReports } from '@halyard/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newFolder, removeFolders } from '../support/fake-driver.js';
import { canSimulate, type Ended, runSimulated } from '../support/simulated-process.js';
import { buildStandinCublasLt, type StandinCublasLt, type ToldProduct } from '../support/standin-cublaslt.js';

const devices = [{ architecture: 'sm_80', memoryBytes: 64 * 2 ** 20 }];
const core = JSON.stringify(new URL('../../../core/dist/index.js', import.meta.url).href);

/** Steps over tensors with a binding each, filled with eighths, which all sums of these sizes hold exactly. */
const steps = `
const { reference, typeLayouts, createContext, MLGraphBuilder } = await import(${core});
const dense = (shape) => shape.map((_, axis) => shape.slice(axis + 1).reduce((product, extent) => product * extent, 1));
const swapped = (list) => [...list.slice(0, -2), list.at(-1), list.at(-2)];
/** A matmul of stored tensors: a and b may be stored transposed, cut out of wider rows, or shared by all batches. */
function matmul({ m, n, k, batches = 1, a = 'float16', b = a, d = a, transposedA, transposedB, wider = 0, shared, bias, multiply = 'float32', body }) {
  const tensors = [];
  const operand = (type, rows, columns, isTransposed, isShared) => {
    const [r, c] = isTransposed ? [columns, rows] : [rows, columns];
    const stored = [isShared ? 1 : batches, r, c + wider];
    tensors.push({ type, shape: stored, at: { binding: tensors.length }, offset: 0 });
    const strides = dense(stored);
    if (isShared) strides[0] = 0;
    const shape = [batches, r, c];
    const view = { tensor: tensors.length - 1, offset: wider, shape, strides };
    return isTransposed ? { ...view, shape: swapped(shape), strides: swapped(strides) } : view;
  };
  const inputs = [operand(a, m, k, transposedA, false), operand(b, k, n, transposedB, shared)];
  const epilogue = [];
  if (bias) {
    tensors.push({ type: d, shape: [n], at: { binding: tensors.length }, offset: 0 });
    const view = { tensor: tensors.length - 1, offset: 0, shape: [batches, m, n], strides: [0, 0, 1] };
    const wide = { op: 'cast', arguments: [1], dataType: 'float32' };
    epilogue.push({ inputs: [view], body: [wide, { op: 'add', arguments: [0, 2], dataType: 'float32' }], results: [3] });
  }
  if (body) epilogue.push({ inputs: [], body, results: [body.length] });
  tensors.push({ type: d, shape: [batches, m, n + wider], at: { binding: tensors.length }, offset: 0 });
  const strides = dense([batches, m, n + wider]);
  const output = { tensor: tensors.length - 1, offset: 0, shape: [batches, m, n], strides };
  const accumulate = a === 'int8' ? 'int32' : 'float32';
  return {
    tensors,
    step: { kind: 'matmul', inputs, outputs: [output], attributes: { multiply, accumulate }, after: [], origin: [], ...(epilogue[0] && { epilogue: epilogue[0] }) },
  };
}
const bytesOf = ({ type, shape }) => shape.reduce((product, extent) => product * extent, 1) * typeLayouts[type].bytes;
const writers = {
  float32: (data, at, value) => new DataView(data.buffer).setFloat32(at * 4, value, true),
  bfloat16: (data, at, value) => new DataView(data.buffer).setUint16(at * 2, new Uint32Array(new Float32Array([value]).buffer)[0] >>> 16, true),
  float16: (data, at, value) => {
    const exponent = value === 0 ? -15 : Math.floor(Math.log2(Math.abs(value)));
    const fraction = value === 0 ? 0 : (Math.abs(value) / 2 ** exponent - 1) * 1024;
    new DataView(data.buffer).setUint16(at * 2, ((value < 0 ? 1 : 0) << 15) | ((exponent + 15) << 10) | fraction, true);
  },
  int8: (data, at, value) => new DataView(data.buffer).setInt8(at, value * 8),
  int32: () => {},
};
function fill(tensor, seed) {
  const data = new Uint8Array(bytesOf(tensor));
  for (let i = 0; i < data.length / typeLayouts[tensor.type].bytes; i++)
    writers[tensor.type](data, i, ((((i + seed) * 2654435761) >>> 16) % 17 - 8) / 8);
  return data;
}
const programOf = ({ tensors, step }) => ({
  version: { major: 1, minor: 0 },
  bindings: tensors.map((tensor, i) => ({ role: i === tensors.length - 1 ? 'output' : 'input', name: 't' + i, bytes: bytesOf(tensor) })),
  tensors,
  steps: [step],
  workspaceBytes: 0,
});
/** Binds a program of one step to memory of its own. */
async function bindOne(device, one, tuning = {}) {
  const executable = await device.compile(programOf(one), [tuning]);
  const region = await device.memory.reserve(2 * MiB, 'device');
  const queue = device.queue('compute');
  let at = 0;
  const take = (bytes) => {
    const span = { region, offset: at, bytes };
    at += Math.ceil(bytes / 256) * 256;
    return span;
  };
  const spans = one.tensors.map((tensor) => take(bytesOf(tensor)));
  const bound = executable.bind(spans, [], take(Math.max(executable.workspaceBytes, 256)));
  /** Whether a run gives the bytes that the reference gives. */
  const isRight = async (seed, inputs = spans, to = spans.at(-1)) => {
    const data = one.tensors.map((tensor, i) => fill(tensor, seed + i));
    data.forEach((bytes, i) => queue.write(bytes, i === data.length - 1 ? to : inputs[i]));
    queue.run(bound);
    const found = new Uint8Array(to.bytes);
    await queue.read(to, found).wait();
    reference.evaluate(one.tensors, [one.step], (tensor) => data[tensor]);
    return Buffer.compare(found, data.at(-1)) === 0;
  };
  return { executable, choice: executable.explain()[0], bound, spans, take, isRight, release() { bound.dispose(); executable.dispose(); device.memory.release(region); } };
}
`;

const cases: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  plain: { m: 5, n: 24, k: 40 },
  'b stored as [n, k]': { m: 4, n: 24, k: 64, transposedB: true },
  'a stored as [k, m]': { m: 12, n: 24, k: 40, transposedA: true },
  'one row': { m: 1, n: 32, k: 64, transposedB: true },
  'one column': { m: 16, n: 1, k: 64 },
  'cut out of wider rows': { m: 5, n: 24, k: 40, wider: 8 },
  batches: { m: 6, n: 16, k: 24, batches: 3 },
  'one b for all batches': { m: 6, n: 16, k: 24, batches: 3, shared: true },
  bfloat16: { m: 5, n: 24, k: 40, a: 'bfloat16' },
  'float16 to float32': { m: 5, n: 24, k: 40, d: 'float32' },
  float32: { m: 5, n: 24, k: 40, a: 'float32' },
  tfloat32: { m: 5, n: 24, k: 40, a: 'float32', multiply: 'tfloat32' },
  bias: { m: 5, n: 24, k: 40, a: 'float32', bias: true },
  'bias in float16': { m: 5, n: 24, k: 40, bias: true, batches: 2 },
  int8: { m: 8, n: 24, k: 64, a: 'int8', d: 'int32', transposedB: true },
};

describe.runIf(canSimulate)('products by cuBLASLt (a stand-in for it)', () => {
  let library: StandinCublasLt;
  let ended: Ended;
  let told: Record<string, { suggest: ToldProduct; multiply: ToldProduct }>;
  const results = () => ended.printed as { name: string; kernel: string; right: boolean; scratch: number }[];

  beforeAll(async () => {
    library = await buildStandinCublasLt(newFolder());
    ended = await runSimulated(
      { devices },
      `${steps}
      const device = await plugin.open(adapters[0], { products: 'library' });
      for (const [name, one] of Object.entries(${JSON.stringify(cases)})) {
        const { choice, isRight, executable, release } = await bindOne(device, matmul(one));
        print({ name, kernel: choice.kernel, right: await isRight(1), scratch: executable.workspaceBytes });
        release();
      }
      await device.close();
      `,
      ['13'],
      library.environment,
    );
    const calls = library.calls();
    told = Object.fromEntries(
      Object.keys(cases).map((name, at) => [name, { suggest: calls[2 * at]!, multiply: calls[2 * at + 1]! }]),
    );
  }, 120_000);
  afterAll(removeFolders);

  it('give what the reference gives, to the very bit', () => {
    expect(ended.errorOutput).toBe('');
    expect(results().map(({ name, right }) => [name, right])).toEqual(Object.keys(cases).map((name) => [name, true]));
    expect(new Set(results().map(({ kernel }) => kernel))).toEqual(new Set(['cublaslt']));
  });

  it('are asked for once and done as they were asked for', () => {
    for (const { suggest, multiply } of Object.values(told)) {
      expect(suggest.call).toBe('suggest');
      const { reductionSchemes: _schemes, alignments: _alignments, ...asked } = suggest;
      expect({ ...multiply, workspaceBytes: 0 }).toEqual({ ...asked, call: 'multiply', workspaceBytes: 0 });
    }
  });

  it('are told column by column: the transposed product, b first', () => {
    const half = 2;
    expect(told.plain!.multiply).toMatchObject({
      transposeA: 0,
      transposeB: 0,
      a: { type: half, rows: 24, columns: 40, leading: 24 },
      b: { type: half, rows: 40, columns: 5, leading: 40 },
      d: { type: half, rows: 24, columns: 5, leading: 24, batches: 1 },
    });
    expect(told['b stored as [n, k]']!.multiply).toMatchObject({
      transposeA: 1,
      transposeB: 0,
      a: { rows: 64, columns: 24, leading: 64 },
      b: { rows: 64, columns: 4, leading: 64 },
    });
    expect(told['a stored as [k, m]']!.multiply).toMatchObject({
      transposeB: 1,
      b: { rows: 12, columns: 40, leading: 12 },
    });
    expect(told['cut out of wider rows']!.multiply).toMatchObject({
      a: { leading: 32 },
      b: { leading: 48 },
      d: { leading: 32 },
    });
    expect(told['one b for all batches']!.multiply).toMatchObject({
      a: { batches: 3, batchStride: 0 },
      b: { batches: 3, batchStride: 6 * 24 },
      d: { batches: 3, batchStride: 6 * 16 },
    });
  });

  it('are rounded no more than the step allows', () => {
    const computeTypes = Object.fromEntries(Object.entries(told).map(([name, { suggest }]) => [name, suggest.compute]));
    expect(computeTypes).toMatchObject({ plain: 68, bfloat16: 68, float32: 68, tfloat32: 77, int8: 72 });
    // Parts of sums that are stored in 16 bits come together in float32 alone.
    expect(told.plain!.suggest.reductionSchemes).toBe(2);
    expect(told['float16 to float32']!.suggest.reductionSchemes).toBe(3);
  });

  it('are promised no more alignment than the views have', () => {
    expect(told.plain!.suggest.alignments).toEqual([256, 256, 256, 256]);
    expect(told['cut out of wider rows']!.suggest.alignments).toEqual([16, 16, 256, 256]);
  });

  it('have the scratch memory that the library asked for, and no more', () => {
    const scratch = Object.fromEntries(results().map(({ name, scratch }) => [name, scratch]));
    expect(scratch).toMatchObject({ plain: 0, 'b stored as [n, k]': 4096 });
    expect(told['b stored as [n, k]']!.multiply.workspaceBytes).toBe(4096);
    expect(told.plain!.suggest.workspaceBytes).toBe(4 * 2 ** 20);
  });

  it.each([
    ['patched into the graph that there is', {}, 1],
    ['put into a new graph where they come in another form', { STANDIN_CUBLASLT_RESTLESS: '1' }, 3],
  ])('follow what is bound anew: %s', async (_how, variables, graphs) => {
    const report = newFolder();
    const { printed, errorOutput } = await runSimulated(
      { devices, report },
      `${steps}
      const device = await plugin.open(adapters[0], { products: 'library' });
      const { bound, isRight, spans, take } = await bindOne(device, matmul({ m: 4, n: 24, k: 64, transposedB: true }));
      print(await isRight(1));
      const a = take(spans[0].bytes);
      bound.rebind(0, a);
      print(await isRight(2, [a, spans[1]]));
      const d = take(spans[2].bytes);
      bound.rebind(2, d);
      print(await isRight(3, [a, spans[1]], d));
      print(await isRight(4, [a, spans[1]], d));
      await device.close();
      `,
      ['13'],
      { ...library.environment, ...variables },
    );
    expect(errorOutput).toBe('');
    expect(printed).toEqual([true, true, true, true]);
    const counts = (await readReports(report)).map(({ calls }) => calls.cuGraphInstantiateWithFlags ?? 0);
    expect(Math.max(...counts)).toBe(graphs);
  });

  it('are chosen by the option, by a tuning table, and in no other case', async () => {
    const { printed, errorOutput } = await runSimulated(
      { devices },
      `${steps}
      const one = matmul({ m: 4, n: 24, k: 64 });
      const tuned = { kernel: 'cublaslt' };
      for (const [options, tuning] of [[{}, {}], [{}, tuned], [{ products: 'own' }, tuned], [{ products: 'library' }, {}]]) {
        const device = await plugin.open(adapters[0], options);
        const { kernel, reason } = (await device.compile(programOf(one), [tuning])).explain()[0];
        print([kernel, reason]);
        await device.close();
      }
      print(await plugin.open(adapters[0], { products: 'fastest' }).catch(({ code, details }) => [code, details.found]));
      `,
      ['13'],
      library.environment,
    );
    expect(errorOutput).toBe('');
    const reasons = printed as [string, string][];
    expect(reasons.map(([kernel]) => kernel)).toEqual([
      'matmul-vector-outer',
      'cublaslt',
      'matmul-vector-outer',
      'cublaslt',
      'bad-argument',
    ]);
    expect(reasons[1]![1]).toBe("the tuning table's choice");
    expect(reasons[3]![1]).toBe("the option products: 'library'");
    expect(reasons[4]![1]).toBe('the option products: "fastest"');
  });

  it.each([
    ['is missing', { HALYARD_CUBLASLT: '/nowhere/libcublasLt.so.13' }, '13', /not usable \(.*\/nowhere\/libcublasLt/],
    ['is too old', { STANDIN_CUBLASLT_VERSION: '11.4.2' }, '13', /which is cuBLASLt 11\.4\.2/],
    ['is newer than the driver', {}, '12', /which is cuBLASLt 13\.1\.0, for a driver newer than CUDA 12\.9/],
  ] as const)(
    'are done by our kernels where the library %s, and the explanation says so',
    async (_what, variables, major, why) => {
      const { printed, errorOutput } = await runSimulated(
        { devices, driverVersion: major === '12' ? 12_090 : 13_000 },
        `${steps}
      print(adapters[0].versions.cublasLt);
      const { choice, isRight } = await bindOne(await plugin.open(adapters[0], { products: 'library' }), matmul({ m: 4, n: 24, k: 64 }));
      print([choice.kernel, choice.reason, await isRight(1)]);
      process.exit(0);
      `,
        [major],
        { ...library.environment, ...variables },
      );
      expect(errorOutput).toBe('');
      const [version, [kernel, reason, isRight]] = printed as [string, [string, string, boolean]];
      expect(version).toMatch(why);
      expect(kernel).toBe('matmul-vector-outer');
      expect(reason).toContain(`not cuBLASLt: ${version}`);
      expect(isRight).toBe(true);
    },
  );

  it.each([
    ['by the library where that is faster', '0', 'cublaslt', /^measured: [\d.]+ µs, ours [\d.]+ µs$/],
    [
      'by our kernels where those are',
      '8',
      'matmul-vector-outer',
      /; not cuBLASLt: measured: [\d.]+ µs, ours [\d.]+ µs$/,
    ],
  ])(
    'may be measured when a program is compiled, and are done %s; the figures are kept',
    async (_who, times, kernel, why) => {
      const { printed, errorOutput } = await runSimulated(
        { devices },
        `${steps}
      const one = matmul({ m: 4, n: 24, k: 64, bias: true, wider: 8 });
      for (let round = 0; round < 2; round++) {
        const device = await plugin.open(adapters[0], { products: 'measured' });
        const { choice } = await bindOne(device, one);
        print([choice.kernel, choice.reason]);
        await device.close();
      }
      `,
        ['13'],
        { ...library.environment, STANDIN_CUBLASLT_TIMES: times, HALYARD_CACHE: newFolder() },
      );
      expect(errorOutput).toBe('');
      const [first, again] = printed as [string, string][];
      expect(first).toEqual([kernel, expect.stringMatching(why)]);
      expect(again).toEqual(first);
    },
  );

  it('are named in the explanation of a graph, and those that the library has nothing for with the reason', async () => {
    const { printed, errorOutput } = await runSimulated(
      { devices },
      `${steps}
      const context = await createContext({ device: 'cuda', backends: [plugin], probeTimeoutMs: 60000, deviceOptions: { products: 'library' } });
      const builder = new MLGraphBuilder(context);
      const input = (name, dataType, shape) => builder.input(name, { dataType, shape });
      const [a, b, c] = [input('a', 'float32', [16, 64]), input('b', 'float32', [64, 32]), input('c', 'float32', [32, 16])];
      const graph = await builder.build({ y: builder.matmul(a, b), z: builder.gelu(builder.matmul(b, c)) });
      const { steps: explained } = await graph.explain();
      print(explained.filter(({ kind }) => kind === 'matmul').map(({ kernel, reason }) => [kernel, reason]));
      context.destroy();
      `,
      ['13'],
      library.environment,
    );
    expect(errorOutput).toBe('');
    expect(printed).toEqual([
      [
        ['cublaslt', "the option products: 'library'"],
        ['matmul-fma', expect.stringContaining('not cuBLASLt: an epilogue that the library does not have')],
      ],
    ]);
  });
});
