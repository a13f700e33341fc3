import { type BlockType, type ElementType, type MLOperand, typeLayouts } from '@halyard/core';
import { randomBytes } from '../values.js';
import { floatTypes } from './elementwise.js';
import { broadcastable, type GraphWorkshop } from './workshop.js';

function matmul(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const a = workshop.some(
    floatTypes,
    ({ length }) => length >= 2 && length <= 4,
    () => [random.integer(1, 5), random.integer(1, 9)],
  );
  const n = random.pick([1, 2, 5, 8, 17]);
  const batch = random.chance(0.5) ? [] : broadcastable(random, a.shape.slice(0, -2));
  const b = workshop.exactly(a.dataType as ElementType, [...batch, a.shape.at(-1)!, n], 'plain');
  const product = builder.matmul(a, b);
  workshop.made(product);
  if (random.chance(0.3)) {
    // A gated product: two matrices, one activation.
    const other = builder.matmul(workshop.use(a), workshop.exactly(a.dataType as ElementType, b.shape, 'plain'));
    const gate = builder[random.pick(['silu', 'gelu', 'sigmoid'] as const)](workshop.use(product));
    workshop.made(builder.mul(gate, other));
  }
}

function gemm(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const a = workshop.some(
    floatTypes,
    ({ length }) => length === 2,
    () => [random.integer(1, 5), random.integer(1, 9)],
  );
  const aTranspose = random.chance(0.4);
  const [m, k] = aTranspose ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
  const n = random.pick([1, 3, 8]);
  const bTranspose = random.chance(0.5);
  const type = a.dataType as ElementType;
  const b = workshop.exactly(type, bTranspose ? [n, k] : [k, n], 'plain');
  const options = {
    aTranspose,
    bTranspose,
    alpha: random.pick([1, 1, 0.5]),
    beta: random.pick([1, 1, 2]),
    ...(random.chance(0.6) && { c: workshop.exactly(type, random.pick([[n], [m, 1], [m, n], []])) }),
  };
  workshop.made(builder.gemm(a, b, options));
}

function weights(workshop: GraphWorkshop, type: BlockType, rows: number, width: number): MLOperand {
  const bytes = randomBytes(workshop.random, type, [rows, width], 'plain');
  return workshop.builder.constant({ dataType: type, shape: [rows, width] }, bytes.buffer as ArrayBuffer);
}

function quantizedMatmul(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const type = random.pick(['q4_0', 'q4_1', 'q8_0', 'q4_k', 'q6_k'] as const);
  const width = typeLayouts[type].elements * (type.endsWith('k') ? 1 : random.integer(1, 3));
  const n = random.pick([1, 4, 9]);
  const blocks = weights(workshop, type, n, width);
  const a = workshop.exactly('float32', [random.pick([1, 3]), width], 'plain');
  if (random.chance(0.5)) workshop.made(builder.matmul(a, builder.transpose(blocks)));
  else workshop.made(builder.gemm(a, blocks, { bTranspose: true }));
  if (random.chance(0.3)) {
    const rows = workshop.given('int32', [3], [0, n - 1, -1]);
    workshop.made(builder.gather(weights(workshop, type, n, width), rows));
  }
}

function attention(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const [batch, keyHeads, queries, keys] = [
    random.integer(1, 2),
    random.integer(1, 2),
    random.integer(1, 4),
    random.integer(1, 7),
  ];
  const heads = keyHeads * random.integer(1, 2);
  const [width, valueWidth] = [random.pick([2, 4, 8]), random.pick([1, 4, 8])];
  const type = random.pick(floatTypes);
  const counts = (most: number) =>
    workshop.given(
      'int32',
      [batch],
      Array.from({ length: batch }, () => random.integer(0, most)),
    );
  const options = {
    causal: random.chance(0.5),
    ...(random.chance(0.4) && { lengths: counts(keys) }),
    ...(random.chance(0.2) && { starts: counts(keys) }),
    ...(random.chance(0.3) && {
      mask: workshop.exactly(type, broadcastable(random, [batch, heads, queries, keys]), 'plain'),
    }),
    ...(random.chance(0.3) && { scale: 0.25 }),
  };
  let query = workshop.exactly(type, [batch, heads, queries, width], 'plain');
  if (random.chance(0.5)) {
    const angles = () => workshop.exactly(type, [queries, width / 2], 'plain');
    query = builder.rotaryEmbedding(query, angles(), angles(), { layout: random.pick(['halves', 'pairs'] as const) });
    workshop.made(query);
    workshop.use(query);
  }
  workshop.made(
    builder.scaledDotProductAttention(
      query,
      workshop.exactly(type, [batch, keyHeads, keys, width], 'plain'),
      workshop.exactly(type, [batch, keyHeads, keys, valueWidth], 'plain'),
      options,
    ),
  );
}

/** The same, said in the operators that it is made of. */
function composedAttention(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const [heads, queries, keys, width] = [random.integer(1, 3), random.integer(1, 4), random.integer(1, 7), 4];
  const of = (extent: number) => workshop.exactly('float32', [1, heads, extent, width], 'plain');
  const scores = builder.matmul(of(queries), builder.transpose(of(keys), { permutation: [0, 1, 3, 2] }));
  const scaled = builder.mul(scores, builder.constant('float32', 0.5));
  workshop.made(builder.matmul(builder.softmax(scaled, 3), of(keys)));
}

/** A normalization said in the operators that it is made of. */
function composedNormalization(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = workshop.some(
    ['float32'],
    ({ length }) => length >= 1,
    () => [3, random.integer(1, 9)],
  );
  const axes = [x.shape.length - 1];
  const options = { axes, keepDimensions: true };
  const centred = random.chance(0.5) ? builder.sub(x, builder.reduceMean(x, options)) : x;
  const squares = builder.reduceMean(builder.mul(centred, centred), options);
  const deviation = builder.sqrt(builder.add(squares, builder.constant('float32', 0.01)));
  workshop.made(builder.div(centred, deviation));
}

export const productGenerators = [
  matmul,
  matmul,
  gemm,
  quantizedMatmul,
  attention,
  composedAttention,
  composedNormalization,
];
