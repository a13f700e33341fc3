import { HalyardError, MLGraphBuilder, MLOperand, opSupportLimits } from '@halyard/core';
import { describe, expect, it } from 'vitest';
import { operatorDeclarations } from '../../src/graph/operators/index.js';
import { newBuilder, record } from './record.js';

const rejected = (found: RegExp) =>
  expect.objectContaining({
    code: 'bad-argument',
    details: expect.objectContaining({ found: expect.stringMatching(found) }),
  });

describe('inputs, constants and states', () => {
  it('are operands with a data type and a frozen shape', () => {
    const operand = newBuilder().input('x', { dataType: 'float16', shape: [2, 0, 3] });
    expect(operand).toBeInstanceOf(MLOperand);
    expect(operand.dataType).toBe('float16');
    expect(operand.shape).toEqual([2, 0, 3]);
    expect(Object.isFrozen(operand.shape)).toBe(true);
  });

  it.each([
    ['a negative dimension', [-1]],
    ['a fraction', [1.5]],
    ['a dimension that is not finite', [Number.POSITIVE_INFINITY]],
    ['NaN', [Number.NaN]],
    ['more than 2^53 elements', [2 ** 27, 2 ** 27]],
    ['more than 2^53 elements behind an empty dimension', [0, 2 ** 27, 2 ** 27]],
    ['more than 2^53 bytes', [2 ** 52]],
    ['nine dimensions', new Array(9).fill(1)],
    ['no list', 4 as never],
  ])('reject %s', (_, shape) => {
    expect(() => newBuilder().input('x', { dataType: 'float32', shape })).toThrowError(rejected(/shape/));
    expect(() => newBuilder().state('x', { dataType: 'float32', shape })).toThrowError(rejected(/shape/));
  });

  it('reject unknown data types, missing and taken names', () => {
    const builder = newBuilder();
    builder.input('x', { dataType: 'float32', shape: [] });
    expect(() => builder.input('x', { dataType: 'float32', shape: [] })).toThrowError(rejected(/taken/));
    expect(() => builder.input('', { dataType: 'float32', shape: [] })).toThrowError(rejected(/no name/));
    expect(() => builder.input('y', { dataType: 'float64' as never, shape: [] })).toThrowError(rejected(/float64/));
    expect(() => builder.input('y', undefined as never)).toThrowError(rejected(/undefined/));
    expect(() => builder.input('z', { dataType: 'q4_0', shape: [32] })).toThrowError(rejected(/q4_0/));
  });

  it('constants copy their bytes', async () => {
    const data = new Float32Array([1, 2]);
    const graph = await record((builder) => {
      const constant = builder.constant({ dataType: 'float32', shape: [2] }, data);
      data[0] = 9;
      return { y: builder.neg(constant) };
    });
    const [part] = graph.constants[0]!.source.parts;
    expect([...new Float32Array((part as { data: Uint8Array }).data.buffer)]).toEqual([1, 2]);
  });

  it('constants of equal bytes have equal fingerprints', async () => {
    const graph = await record((builder) => {
      const constant = (values: readonly number[]) =>
        builder.constant({ dataType: 'int32', shape: [2] }, Int32Array.from(values));
      return { y: builder.add(builder.add(constant([1, 2]), constant([1, 2])), constant([1, 3])) };
    });
    const prints = graph.constants.map(({ source }) => source.fingerprint);
    expect(prints[0]).toBe(prints[1]);
    expect(prints[0]).not.toBe(prints[2]);
  });

  it('constants take raw buffers, matching arrays and parts of files, whole', async () => {
    const builder = newBuilder();
    builder.constant({ dataType: 'float32', shape: [2] }, new ArrayBuffer(8));
    builder.constant({ dataType: 'float32', shape: [2] }, new DataView(new ArrayBuffer(16), 4, 8));
    builder.constant({ dataType: 'float16', shape: [2] }, new Uint16Array(2));
    builder.constant({ dataType: 'bfloat16', shape: [2] }, new Uint16Array(2));
    builder.constant({ dataType: 'q4_1', shape: [3, 64] }, new Uint8Array(3 * 40));
    const part = { path: 'model.gguf', offset: 64, bytes: 36 };
    builder.constant({ dataType: 'q4_0', shape: [2, 32] }, { fingerprint: 'f', parts: [part] });
    const float32 = (data: never) => () => builder.constant({ dataType: 'float32', shape: [2] }, data);
    expect(float32(new ArrayBuffer(4) as never)).toThrowError(rejected(/4 bytes/));
    expect(float32(new Uint8Array(8) as never)).toThrowError(rejected(/Uint8Array for float32/));
    expect(float32([1, 2] as never)).toThrowError(rejected(/\[1, 2\]/));
    expect(float32({ fingerprint: 'f', parts: [part] } as never)).toThrowError(rejected(/36 bytes/));
  });

  it('block-quantized constants hold whole blocks in each row', () => {
    const constant = (shape: readonly number[]) => () =>
      newBuilder().constant({ dataType: 'q4_k', shape }, new Uint8Array(144));
    expect(constant([256])).not.toThrow();
    expect(constant([8, 32])).toThrowError(rejected(/q4_k of shape \[8, 32\]/));
    expect(constant([])).toThrowError(rejected(/q4_k/));
  });

  it('scalars are cast to their data type', async () => {
    const graph = await record((builder) => ({
      y: builder.add(builder.constant('int8', 300), builder.constant('int8', -7.5)),
    }));
    expect(graph.constants.map(({ source }) => [...(source.parts[0] as { data: Uint8Array }).data])).toEqual([
      [127],
      [249],
    ]);
    expect(() => newBuilder().constant('float32', undefined as never)).toThrowError(rejected(/undefined/));
  });

  it('a constant tensor of a context brings its source', async () => {
    const constantSource = { fingerprint: 'held', parts: [{ data: new Uint8Array(8) }] };
    const graph = await record((builder) => ({
      y: builder.neg(builder.constant({ dataType: 'float32', shape: [2], constantSource })),
    }));
    expect(graph.constants[0]!.source).toBe(constantSource);
  });
});

describe('build', () => {
  it('hands over plain data: only what is needed, in order, by ids of its own', async () => {
    const graph = await record((builder) => {
      builder.input('unused', { dataType: 'float32', shape: [1] });
      const x = builder.input('x', { dataType: 'float32', shape: [2] });
      builder.exp(x);
      return { y: builder.clamp(x, { minValue: 0, label: 'cut' }) };
    });
    expect(JSON.parse(JSON.stringify(graph))).toEqual(graph);
    expect(graph).toEqual({
      operands: [
        { dataType: 'float32', shape: [2], label: 'x' },
        { dataType: 'float32', shape: [2], label: 'cut' },
      ],
      operators: [{ name: 'clamp', inputs: [0], outputs: [1], attributes: { minValue: 0 }, label: 'cut' }],
      inputs: [{ name: 'x', operand: 0 }],
      outputs: [{ name: 'y', operand: 1 }],
      constants: [],
      states: [],
    });
  });

  it('keeps assignments that no output depends on', async () => {
    const graph = await record((builder) => {
      const state = builder.state('s', { dataType: 'float32', shape: [] });
      builder.assign(state, builder.add(state, builder.constant('float32', 1)));
      return {};
    });
    expect(graph.operators.map(({ name }) => name)).toEqual(['add', 'assign']);
    expect(graph.states).toEqual([{ name: 's', operand: 0 }]);
  });

  it('rejects no outputs, and outputs that are inputs, constants or of another builder', async () => {
    const builder = newBuilder();
    const x = builder.input('x', { dataType: 'float32', shape: [] });
    await expect(builder.build({})).rejects.toThrowError(rejected(/no outputs/));
    await expect(builder.build({ y: x })).rejects.toThrowError(rejected(/input "x"/));
    await expect(builder.build({ y: builder.constant('int8', 1) })).rejects.toThrowError(rejected(/constant/));
    await expect(builder.build({ '': builder.neg(x) })).rejects.toThrowError(rejected(/without a name/));
    const foreign = newBuilder();
    const other = foreign.neg(foreign.input('z', { dataType: 'float32', shape: [] }));
    await expect(builder.build({ y: other })).rejects.toThrowError(rejected(/another builder/));
    await expect(builder.build({ y: 4 as never })).rejects.toThrowError(rejected(/is 4/));
    // None of that has closed the builder.
    await expect(builder.build({ y: builder.identity(x) })).resolves.toBeDefined();
  });

  it('closes the builder', async () => {
    const builder = newBuilder();
    const x = builder.input('x', { dataType: 'float32', shape: [] });
    await builder.build({ y: builder.neg(x) });
    expect(() => builder.neg(x)).toThrowError(rejected(/has built/));
    expect(() => builder.input('z', { dataType: 'float32', shape: [] })).toThrowError(rejected(/has built/));
    expect(() => builder.constant('float32', 1)).toThrowError(rejected(/has built/));
    await expect(builder.build({ y: x })).rejects.toThrowError(rejected(/has built/));
  });

  it('needs a context', () => {
    expect(() => new MLGraphBuilder({} as never)).toThrowError(HalyardError);
  });
});

describe('operands', () => {
  it('of another builder are rejected by every operator', () => {
    const foreign = newBuilder().input('z', { dataType: 'float32', shape: [2] });
    const builder = newBuilder();
    const x = builder.input('x', { dataType: 'float32', shape: [2] });
    expect(() => builder.add(x, foreign)).toThrowError(rejected(/b "z" of another builder/));
    expect(() => builder.softmax(foreign, 0)).toThrowError(rejected(/input "z" of another builder/));
    expect(() => builder.reduceSum(foreign)).toThrowError(rejected(/another builder/));
    expect(() => builder.concat([x, foreign], 0)).toThrowError(rejected(/another builder/));
    expect(() => builder.layerNormalization(x, { scale: foreign })).toThrowError(rejected(/another builder/));
  });

  it('have to be operands', () => {
    const builder = newBuilder();
    const x = builder.input('x', { dataType: 'float32', shape: [2] });
    expect(() => builder.add(x, undefined as never)).toThrowError(rejected(/b is undefined/));
    expect(() => builder.add({ dataType: 'float32', shape: [] } as never, x)).toThrowError(rejected(/a is Object/));
    expect(() => builder.neg(null as never)).toThrowError(rejected(/input is null/));
  });

  it('are named in errors by operator, label and operand', () => {
    const builder = newBuilder();
    const a = builder.input('query', { dataType: 'float32', shape: [2, 3] });
    const b = builder.input('key', { dataType: 'float32', shape: [4, 5] });
    expect(() => builder.matmul(a, b, { label: 'scores' })).toThrowError(rejected(/^matmul "scores": a of shape/));
    expect(() => builder.exp(builder.cast(a, 'int32', { label: 'ids' }))).toThrowError(rejected(/input \("ids"\)/));
  });

  it('have labels that are text', () => {
    const builder = newBuilder();
    const x = builder.input('x', { dataType: 'float32', shape: [2] });
    expect(() => builder.neg(x, { label: 5 as never })).toThrowError(rejected(/^neg: label 5/));
    expect(() => builder.constant('float32', 1, { label: {} as never })).toThrowError(rejected(/label Object/));
  });

  it('are not changed by what fails', async () => {
    const graph = await record((builder) => {
      const x = builder.input('x', { dataType: 'float32', shape: [2] });
      expect(() => builder.reshape(x, [3])).toThrowError(HalyardError);
      return { y: builder.neg(x) };
    });
    expect(graph.operators).toHaveLength(1);
    expect(graph.operands).toHaveLength(2);
  });
});

describe('assign', () => {
  const state = () => {
    const builder = newBuilder();
    return { builder, cache: builder.state('cache', { dataType: 'float32', shape: [2, 8] }) };
  };

  it('takes the operand that stands for the state now, and no other', () => {
    const { builder, cache } = state();
    const after = builder.assign(cache, builder.neg(cache));
    expect(after.shape).toEqual([2, 8]);
    expect(() => builder.assign(cache, after)).toThrowError(rejected(/assigned since/));
    expect(() => builder.assign(builder.neg(after), after)).toThrowError(rejected(/no state/));
    expect(() => builder.assign(after, cache)).not.toThrow();
  });

  it('checks shapes, data types and rows', () => {
    const { builder, cache } = state();
    const value = builder.input('value', { dataType: 'float32', shape: [2, 3] });
    const rows = builder.input('rows', { dataType: 'int32', shape: [3] });
    expect(() => builder.assign(cache, value)).toThrowError(rejected(/value of shape \[2, 3\]/));
    expect(() => builder.assign(cache, value, { rows })).toThrowError(rejected(/value of shape/));
    expect(() => builder.assign(cache, value, { rows, axis: 2 })).toThrowError(rejected(/axis 2/));
    const half = builder.cast(value, 'float16');
    expect(() => builder.assign(cache, half, { rows, axis: 1 })).toThrowError(rejected(/float16/));
    const floats = builder.cast(rows, 'float32');
    expect(() => builder.assign(cache, value, { rows: floats, axis: 1 })).toThrowError(rejected(/rows.*float32/));
    expect(builder.assign(cache, value, { rows, axis: 1 }).shape).toEqual([2, 8]);
  });
});

describe('opSupportLimits', () => {
  it('lists exactly the operators that the builder has', () => {
    const general = ['preferredInputLayout', 'maxTensorByteLength', 'input', 'constant', 'output'];
    const names = Object.keys(opSupportLimits()).filter((name) => !general.includes(name));
    expect(names.sort()).toEqual(operatorDeclarations.map(({ name }) => name).sort());
    const builder = newBuilder() as unknown as Record<string, unknown>;
    for (const name of names) expect(typeof builder[name], name).toBe('function');
  });

  it('lists every operator method of the builder', () => {
    const methods: string[] = [];
    let prototype = MLGraphBuilder.prototype;
    while (Object.hasOwn(prototype, 'constructor') && prototype !== (Object.prototype as never)) {
      methods.push(...Object.getOwnPropertyNames(prototype));
      prototype = Object.getPrototypeOf(prototype);
    }
    const others = ['constructor', 'input', 'constant', 'state', 'build'];
    const internal = ['operator', 'operatorWithResults', 'addOperand', 'requireOwn', 'requireOpen', 'close'];
    const operators = methods.filter((name) => ![...others, ...internal].includes(name));
    expect(new Set(operators)).toEqual(new Set(operatorDeclarations.map(({ name }) => name)));
  });

  it('says data types and ranks of each operand', () => {
    const limits = opSupportLimits();
    expect(limits.gemm).toEqual({
      a: { dataTypes: ['float32', 'float16', 'bfloat16'], rankRange: { min: 2, max: 2 } },
      b: {
        dataTypes: ['float32', 'float16', 'bfloat16', 'q4_0', 'q4_1', 'q8_0', 'q4_k', 'q6_k'],
        rankRange: { min: 2, max: 2 },
      },
      c: { dataTypes: ['float32', 'float16', 'bfloat16'], rankRange: { min: 0, max: 2 } },
      output: { dataTypes: ['float32', 'float16', 'bfloat16'] },
    });
    expect(limits.split.outputs).toBeDefined();
    expect(limits.preferredInputLayout).toBe('nchw');
  });

  it('leaves out what a device does not have', () => {
    const limits = opSupportLimits(['float32', 'int32', 'uint8']);
    expect(limits.add.a!.dataTypes).toEqual(['float32', 'int32', 'uint8']);
    expect(limits.logicalNot.output!.dataTypes).toEqual(['uint8']);
    expect(limits.input.dataTypes).toEqual(['float32', 'int32', 'uint8']);
  });
});
