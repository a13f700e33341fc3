import { type BlockType, type DataType, type Operand, type Step, typeLayouts } from '@halyard/core';
import type { ProgramCase } from '../generate/program-builder.js';
import { Random } from '../generate/random.js';
import { randomBytes } from '../generate/values.js';
import { apply, type Given, given, oneStep } from './case.js';

const { NaN: nan } = Number;
const wave = (count: number, phase = 0): number[] =>
  Array.from({ length: count }, (_, index) => Math.sin(index * 1.7 + phase) * 2);
const plain = { multiply: 'float32', accumulate: 'float32' } as const;

function product(name: string, a: Given, b: Given, attributes: Step<'matmul'>['attributes'] = plain): ProgramCase {
  const shape = [...a.shape.slice(0, -1), b.shape.at(-1)!];
  const type = attributes.accumulate === 'float32' ? a.type : attributes.accumulate;
  return oneStep(`matmul ${name}`, [a, b], [{ type, shape }], { kind: 'matmul', attributes });
}

const matrix = (type: DataType, ...shape: number[]): Given =>
  given(
    type,
    wave(
      shape.reduce((a, b) => a * b, 1),
      shape.length + shape[0]!,
    ),
    shape,
  );

export function matmulCases(): ProgramCase[] {
  const sizes = [
    [1, 1, 1],
    [1, 64, 48],
    [3, 5, 7],
    [8, 32, 16],
    [17, 33, 65],
    [128, 40, 24],
  ] as const;
  return [
    ...(['float32', 'float16', 'bfloat16'] as const).flatMap((type) =>
      sizes.map(([m, k, n]) => product(`${type} ${m}×${k}×${n}`, matrix(type, m, k), matrix(type, k, n))),
    ),
    product('of no terms', given('float32', [], [2, 0]), given('float32', [], [0, 3])),
    product('of no rows', given('float32', [], [0, 4]), matrix('float32', 4, 3)),
    product('in batches', matrix('float32', 2, 3, 4, 5), matrix('float32', 2, 3, 5, 6)),
    product(
      'of NaN and infinities',
      given('float32', [1, nan, Infinity, 2, 0, 1], [3, 2]),
      given('float32', [1, 0, 2, 1], [2, 2]),
    ),
    product(
      'int8, wrapping in int32',
      given('int8', [127, -128, 127, 127], [2, 2]),
      given('int8', [127, -128, -128, 127], [2, 2]),
      {
        multiply: 'int8',
        accumulate: 'int32',
      },
    ),
    oneStep(
      'matmul of batches against one matrix, transposed',
      [matrix('float32', 2, 4, 9), matrix('float32', 6, 9)],
      [{ type: 'float32', shape: [2, 4, 6] }],
      {
        kind: 'matmul',
        attributes: plain,
        inputs: ([a]) => [a!, { tensor: 1, offset: 0, shape: [2, 9, 6], strides: [0, 1, 9] }],
      },
    ),
    oneStep(
      'a gated product: silu(v0)·v1 of two matrices',
      [matrix('float32', 4, 32), matrix('float32', 32, 24), matrix('float32', 32, 24)],
      [{ type: 'float32', shape: [4, 24] }],
      {
        kind: 'matmul',
        attributes: plain,
        epilogue: {
          inputs: [],
          body: [
            { op: 'silu', arguments: [0], dataType: 'float32' },
            { op: 'mul', arguments: [2, 1], dataType: 'float32' },
          ],
          results: [3],
        },
      },
    ),
    oneStep(
      'a product with bias, gelu and a prologue',
      [matrix('float32', 4, 32), matrix('float32', 32, 24), matrix('float32', 24)],
      [{ type: 'float16', shape: [4, 24] }],
      {
        kind: 'matmul',
        attributes: plain,
        inputs: ([a, b]) => [{ ...a!, prologue: apply('tanh', 'float32', 1) }, b!],
        epilogue: {
          inputs: [{ tensor: 2, offset: 0, shape: [4, 24], strides: [0, 1] }],
          body: [
            { op: 'add', arguments: [0, 1], dataType: 'float32' },
            { op: 'gelu', arguments: [2], dataType: 'float32' },
          ],
          results: [3],
        },
      },
    ),
    ...blockCases(),
  ];
}

function blockCases(): ProgramCase[] {
  const random = new Random(5);
  const types: readonly BlockType[] = ['q4_0', 'q4_1', 'q8_0', 'q4_k', 'q6_k'];
  return types.flatMap((type) =>
    (['float32', 'int8'] as const).flatMap((multiply) =>
      [1, 4, 37].map((m) => {
        const k = typeLayouts[type].elements * 3;
        const n = 21;
        const weights: Given = {
          type,
          shape: [n, k],
          values: randomBytes(random, type, [n, k], 'plain'),
          role: 'constant',
        };
        return oneStep(
          `matmul with ${type} weights, ${m} rows, multiplied in ${multiply}`,
          [matrix('float32', m, k), weights],
          [{ type: 'float32', shape: [m, n] }],
          {
            kind: 'matmul',
            attributes: { multiply, accumulate: 'float32' },
            inputs: ([a]) => [a!, { tensor: 1, offset: 0, shape: [k, n], strides: [1, k] }],
          },
        );
      }),
    ),
  );
}

interface AttentionCase {
  readonly shape: { batch: number; heads: number; keyHeads: number; queries: number; capacity: number; size: number };
  readonly lengths?: readonly number[];
  readonly starts?: readonly number[];
  readonly causal?: boolean;
  readonly spoilFrom?: number;
  readonly hasMask?: boolean;
}

function attention(
  name: string,
  { shape, lengths, starts, causal = false, spoilFrom, hasMask = false }: AttentionCase,
): ProgramCase {
  const { batch, heads, keyHeads, queries, capacity, size } = shape;
  const keys = wave(batch * keyHeads * capacity * size, 2);
  const values = wave(batch * keyHeads * capacity * size, 3);
  // What lies behind the length of a cache may be anything.
  if (spoilFrom !== undefined) {
    for (let i = 0; i < keys.length; i++) if (Math.floor(i / size) % capacity >= spoilFrom) keys[i] = values[i] = nan;
  }
  const inputs: Given[] = [
    given('float32', wave(batch * heads * queries * size), [batch, heads, queries, size]),
    given('float32', keys, [batch, keyHeads, capacity, size]),
    given('float32', values, [batch, keyHeads, capacity, size]),
  ];
  const place = (values: readonly number[] | undefined, type: DataType, shape: readonly number[]) =>
    values ? inputs.push(given(type, values, shape)) - 1 : undefined;
  const optional = [
    place(lengths, 'int32', [batch]),
    place(starts, 'int32', [batch]),
    undefined,
    place(hasMask ? wave(batch * heads * queries * capacity, 1) : undefined, 'float32', [
      batch,
      heads,
      queries,
      capacity,
    ]),
  ];
  return oneStep(`attention ${name}`, inputs, [{ type: 'float32', shape: [batch, heads, queries, size] }], {
    kind: 'attention',
    attributes: { scale: size ** -0.5, causal, blockSize: 0, multiply: 'float32' },
    inputs: (views) => [
      ...views.slice(0, 3),
      ...optional.map((index): Operand | null => (index === undefined ? null : views[index]!)),
    ],
  });
}

export function attentionCases(): ProgramCase[] {
  const shape = { batch: 2, heads: 4, keyHeads: 2, queries: 3, capacity: 9, size: 16 };
  return [
    attention('over all keys', { shape }),
    attention('causal', { shape, causal: true }),
    attention('of one query over a cache whose rest is NaN', {
      shape: { ...shape, queries: 1 },
      lengths: [5, 5],
      causal: true,
      spoilFrom: 5,
    }),
    attention('of queries that see no key gives zeros', { shape, lengths: [1, 0], causal: true }),
    attention('with lengths beyond the capacity', { shape, lengths: [99, 4] }),
    attention('from a first key on', { shape, starts: [2, 8], lengths: [9, 5] }),
    attention('with a mask', { shape, hasMask: true }),
    attention('over a long cache', {
      shape: { batch: 1, heads: 3, keyHeads: 1, queries: 2, capacity: 300, size: 64 },
      lengths: [277],
      causal: true,
    }),
    attention('of many queries', {
      shape: { batch: 1, heads: 2, keyHeads: 2, queries: 70, capacity: 70, size: 32 },
      causal: true,
    }),
  ];
}
