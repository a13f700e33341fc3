import { compile, type MLOperand, validateProgram } from '@halyard/core';
import { describe, expect, it } from 'vitest';
import { anyDevice } from './devices.js';
import { graphOf } from './llama.js';

const [batch, count, size, heads, inner] = [2, 6, 32, 4, 64] as const;

/** One layer of a BERT-style encoder over several sequences. */
function encoderLayer() {
  return graphOf((builder) => {
    const constant = (name: string, shape: number[]) => {
      const bytes = 4 * shape.reduce((product, extent) => product * extent, 1);
      const source = { fingerprint: name, parts: [{ path: name, offset: 0, bytes }] };
      return builder.constant({ dataType: 'float32', shape }, source);
    };
    const dense = (x: MLOperand, name: string, columns: number, rows: number) =>
      builder.add(
        builder.matmul(x, builder.transpose(constant(name, [rows, columns]))),
        constant(`${name} bias`, [rows]),
      );
    const normalize = (x: MLOperand, name: string) =>
      builder.layerNormalization(x, {
        scale: constant(`${name} scale`, [size]),
        bias: constant(`${name} shift`, [size]),
        axes: [2],
      });
    const byHead = (x: MLOperand) =>
      builder.transpose(builder.reshape(x, [batch, count, heads, size / heads]), { permutation: [0, 2, 1, 3] });
    const x = builder.input('x', { dataType: 'float32', shape: [batch, count, size] });
    const lengths = builder.input('lengths', { dataType: 'int32', shape: [batch] });
    const [query, key, value] = ['query', 'key', 'value'].map((name) => byHead(dense(x, name, size, size)));
    const attended = builder.scaledDotProductAttention(query!, key!, value!, { lengths });
    const joined = builder.reshape(builder.transpose(attended, { permutation: [0, 2, 1, 3] }), [batch, count, size]);
    const y = normalize(builder.add(dense(joined, 'output', size, size), x), 'first');
    const expanded = builder.gelu(dense(y, 'expand', size, inner));
    return { y: normalize(builder.add(dense(expanded, 'contract', inner, size), y), 'second') };
  });
}

describe('an encoder layer', () => {
  it('takes seven steps, its products over all rows of all sequences', async () => {
    const { programs } = compile(await encoderLayer(), { devices: [anyDevice()], fusion: 'on' });
    const { program } = programs[0]!;
    validateProgram(program);
    const rows = batch * count;
    expect(program.steps.map(({ kind, outputs }) => [kind, outputs[0]!.shape])).toEqual([
      ['matmul', [rows, 3 * size]],
      ['attention', [batch, heads, count, size / heads]],
      ['matmul', [rows, size]],
      ['normalize', [batch, count, size]],
      ['matmul', [rows, inner]],
      ['matmul', [rows, size]],
      ['normalize', [batch, count, size]],
    ]);
  });
});
