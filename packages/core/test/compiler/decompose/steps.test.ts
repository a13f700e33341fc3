import { decompose, defaultPrecision, type MLGraphBuilder, type MLNamedOperands, type Module } from '@halyard/core';
import { describe, expect, it } from 'vitest';
import { lowerings } from '../../../src/compiler/decompose/index.js';
import { operatorDeclarations } from '../../../src/graph/operators/index.js';
import { record } from '../../graph/record.js';

async function moduleOf(build: (builder: MLGraphBuilder) => MLNamedOperands): Promise<Module> {
  return decompose(await record(build), defaultPrecision);
}

const x = (b: MLGraphBuilder, shape: readonly number[] = [2, 3]) => b.input('x', { dataType: 'float32', shape });

/** Kinds of all steps but the copies to the outputs, which come last here. */
const kindsOf = ({ steps, tensors }: Module) =>
  steps.filter(({ outputs }) => tensors[outputs[0]!.tensor]!.origin.kind !== 'output').map(({ kind }) => kind);

describe('decompose', () => {
  it('knows every operator that the builder has, and no other', () => {
    expect([...lowerings.keys()].sort()).toEqual(operatorDeclarations.map(({ name }) => name).sort());
  });

  it('writes an elementwise operator as a map, its scalars into the expression', async () => {
    const module = await moduleOf((b) => ({ y: b.add(x(b), b.constant('float32', 2), { label: 'plus two' }) }));
    const whole = { offset: 0, shape: [2, 3], strides: [3, 1] };
    expect(module.steps).toEqual([
      {
        kind: 'map',
        inputs: [{ tensor: 0, ...whole }],
        outputs: [{ tensor: 2, ...whole }],
        attributes: {},
        epilogue: {
          inputs: [],
          body: [
            { op: 'constant', arguments: [], dataType: 'float32', value: 2 },
            { op: 'add', arguments: [0, 1], dataType: 'float32' },
          ],
          results: [2],
        },
        after: [],
        origin: ['plus two'],
      },
      {
        kind: 'map',
        inputs: [{ tensor: 2, ...whole }],
        outputs: [{ tensor: 3, ...whole }],
        attributes: {},
        epilogue: { inputs: [], body: [], results: [0] },
        after: [],
        origin: ['plus two'],
      },
    ]);
    expect(module.tensors.map(({ origin }) => origin.kind)).toEqual(['input', 'constant', 'temporary', 'output']);
    expect(module.tensors[3]).toEqual({
      type: 'float32',
      shape: [2, 3],
      origin: { kind: 'output', name: 'y' },
      label: 'y',
    });
  });

  it('lets layout operators vanish into views', async () => {
    const module = await moduleOf((b) => {
      const turned = b.reverse(b.transpose(b.slice(x(b, [4, 6]), [1, 0], [2, 6], { strides: [1, 2] })), { axes: [1] });
      return { y: b.neg(b.expand(b.reshape(turned, [3, 1, 2]), [3, 5, 2])) };
    });
    expect(kindsOf(module)).toEqual(['map']);
    expect(module.steps[0]!.inputs).toEqual([{ tensor: 0, offset: 12, shape: [3, 5, 2], strides: [2, 0, -6] }]);
  });

  it('copies for a reshape that no view can say, and only then', async () => {
    const copied = await moduleOf((b) => ({ y: b.neg(b.reshape(b.transpose(x(b)), [6])) }));
    expect(kindsOf(copied)).toEqual(['map', 'map']);
    const split = await moduleOf((b) => ({ y: b.neg(b.reshape(b.transpose(x(b, [2, 6])), [2, 3, 2])) }));
    expect(kindsOf(split)).toEqual(['map']);
  });

  it('writes concat as maps into disjoint parts of one tensor', async () => {
    const module = await moduleOf((b) => {
      const operand = x(b);
      return { y: b.neg(b.concat([operand, operand], 1)) };
    });
    const [first, second] = module.steps;
    expect(first!.outputs).toEqual([{ tensor: 1, offset: 0, shape: [2, 3], strides: [6, 1] }]);
    expect(second!.outputs).toEqual([{ tensor: 1, offset: 3, shape: [2, 3], strides: [6, 1] }]);
  });

  it('writes rotaryEmbedding as one map with a target for each half', async () => {
    const module = await moduleOf((b) => {
      const angle = b.input('angle', { dataType: 'float32', shape: [2] });
      return { y: b.rotaryEmbedding(x(b, [3, 4]), angle, angle, { layout: 'pairs' }) };
    });
    expect(kindsOf(module)).toEqual(['map']);
    expect(module.steps[0]!.outputs).toEqual([
      { tensor: 2, offset: 0, shape: [3, 2], strides: [4, 2] },
      { tensor: 2, offset: 1, shape: [3, 2], strides: [4, 2] },
    ]);
  });

  it('makes scale and bias of a normalization its epilogue', async () => {
    const module = await moduleOf((b) => {
      const scale = b.input('scale', { dataType: 'float32', shape: [3] });
      return { y: b.rmsNormalization(x(b), { scale, epsilon: 1e-6 }) };
    });
    expect(module.steps[0]).toMatchObject({
      kind: 'normalize',
      attributes: { form: 'rms', axes: [1], epsilon: 1e-6 },
      epilogue: {
        inputs: [{ tensor: 0, offset: 0, shape: [2, 3], strides: [0, 1] }],
        body: [{ op: 'mul', arguments: [0, 1], dataType: 'float32' }],
        results: [2],
      },
    });
  });

  it('reads block-quantized weights transposed, multiplied by policy', async () => {
    const graph = await record((b) => {
      const weights = b.constant({ dataType: 'q8_0', shape: [5, 32] }, new Uint8Array(5 * 34));
      return { y: b.matmul(x(b, [1, 32]), b.transpose(weights)) };
    });
    const [step] = decompose(graph, defaultPrecision).steps;
    expect(step).toMatchObject({
      kind: 'matmul',
      inputs: [{ tensor: 0 }, { tensor: 1, offset: 0, shape: [32, 5], strides: [1, 32] }],
      attributes: { multiply: 'int8', accumulate: 'float32' },
    });
    const exact = decompose(graph, { blockQuantized: 'float32', float32: 'float32' });
    expect(exact.steps[0]!.attributes.multiply).toBe('float32');
  });

  it('reduces with a prologue and an epilogue, and drops dimensions by a view', async () => {
    const module = await moduleOf((b) => ({ y: b.reduceL2(x(b), { axes: [1] }) }));
    expect(module.steps[0]).toMatchObject({
      kind: 'reduce',
      inputs: [{ prologue: { body: [{ op: 'mul', arguments: [0, 0] }], results: [1] } }],
      outputs: [{ shape: [2, 1] }],
      attributes: { combine: 'sum', axes: [1], accumulate: 'float32' },
      epilogue: { body: [{ op: 'sqrt', arguments: [0] }], results: [1] },
    });
    expect(module.tensors[1]!.shape).toEqual([2]);
  });

  it('writes named rows of a state by the target of a map', async () => {
    const module = await moduleOf((b) => {
      const cache = b.state('cache', { dataType: 'float32', shape: [1, 2, 8, 4] });
      const rows = b.input('rows', { dataType: 'int32', shape: [3] });
      b.assign(cache, x(b, [1, 2, 3, 4]), { axis: 2, rows });
      return {};
    });
    expect(module.steps).toHaveLength(1);
    expect(module.steps[0]!.outputs).toMatchObject([
      { shape: [1, 2, 8, 4], strides: [64, 32, 4, 1], rows: { axis: 2, indices: { shape: [3], strides: [1] } } },
    ]);
  });

  it('rejects an operator that it does not know', () => {
    const graph = {
      operands: [{ dataType: 'float32' as const, shape: [], label: 'y' }],
      operators: [{ name: 'transmogrify', inputs: [], outputs: [0], attributes: {}, label: '' }],
      inputs: [],
      outputs: [],
      constants: [],
      states: [],
    };
    expect(() => decompose(graph, defaultPrecision)).toThrowError(expect.objectContaining({ code: 'unsupported' }));
  });
});
