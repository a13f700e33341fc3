import type { Expression, Multiply, Step, Tensor, Type, View } from '@halyard/core';

/** One step over tensors that each have a binding of their own. */
export interface OneStep<Kind extends string> {
  readonly tensors: readonly Tensor[];
  readonly step: Step<Kind>;
}

export function dense(tensor: number, shape: readonly number[]): View {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, extent) => product * extent, 1));
  return { tensor, offset: 0, shape, strides };
}

/** The last two dimensions swapped. */
export function transposed({ shape, strides, ...rest }: View): View {
  const swap = (list: readonly number[]) => [...list.slice(0, -2), list.at(-1)!, list.at(-2)!];
  return { ...rest, shape: swap(shape), strides: swap(strides) };
}

export interface MatmulCase {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Type;
  readonly b: Type;
  readonly multiply: Multiply;
  readonly batches?: number;
  /** How many b. */
  readonly count?: number;
  /** b is stored as [n, k]; so is a as [k, m]. */
  readonly isTransposedB?: boolean;
  readonly isTransposedA?: boolean;
  readonly accumulate?: 'float32' | 'int32';
  readonly output?: Type;
  /** Half of each element of a as it is read. */
  readonly hasPrologue?: boolean;
}

/** With two b the epilogue is that of a gated MLP. */
export const gated: Expression = {
  inputs: [],
  body: [
    { op: 'silu', arguments: [0], dataType: 'float32' },
    { op: 'mul', arguments: [2, 1], dataType: 'float32' },
  ],
  results: [3],
};

const halved = (dataType: 'float32'): Expression => ({
  inputs: [],
  body: [
    { op: 'cast', arguments: [0], dataType },
    { op: 'constant', arguments: [], dataType, value: 0.5 },
    { op: 'mul', arguments: [1, 2], dataType },
  ],
  results: [3],
});

export function matmulStep(problem: MatmulCase): OneStep<'matmul'> {
  const { m, n, k, multiply, batches = 1, count = 1, isTransposedA = false, isTransposedB = true } = problem;
  const { accumulate = 'float32', output = accumulate } = problem;
  const tensors: Tensor[] = [];
  const add = (type: Type, shape: readonly number[]): View => {
    tensors.push({ type, shape, at: { binding: tensors.length }, offset: 0 });
    return dense(tensors.length - 1, shape);
  };
  const operand = (type: Type, rows: number, columns: number, isTransposed: boolean): View =>
    isTransposed ? transposed(add(type, [batches, columns, rows])) : add(type, [batches, rows, columns]);
  const a = operand(problem.a, m, k, isTransposedA);
  const bs = Array.from({ length: count }, () => operand(problem.b, k, n, isTransposedB));
  const step: Step<'matmul'> = {
    kind: 'matmul',
    inputs: [problem.hasPrologue ? { ...a, prologue: halved('float32') } : a, ...bs],
    outputs: [add(output, [batches, m, n])],
    attributes: { multiply, accumulate },
    ...(count === 2 && { epilogue: gated }),
    after: [],
    origin: [],
  };
  return { tensors, step };
}

export interface AttentionCase {
  readonly batch: number;
  readonly heads: number;
  readonly keyHeads: number;
  readonly queries: number;
  readonly capacity: number;
  readonly size: number;
  readonly valueSize?: number;
  readonly query?: Type;
  readonly key?: Type;
  readonly multiply?: Multiply;
  readonly causal?: boolean;
  readonly hasLengths?: boolean;
  readonly hasMask?: boolean;
  readonly hasSums?: boolean;
  /** Keys of a page; 0: no pages. */
  readonly blockSize?: number;
}

export function attentionStep(problem: AttentionCase): OneStep<'attention'> {
  const { batch, heads, keyHeads, queries, capacity, size, valueSize = size, blockSize = 0 } = problem;
  const { query = 'float32', key = 'float32', multiply = 'float32', causal = true, hasLengths = true } = problem;
  const tensors: Tensor[] = [];
  const add = (type: Type, shape: readonly number[]): View => {
    tensors.push({ type, shape, at: { binding: tensors.length }, offset: 0 });
    return dense(tensors.length - 1, shape);
  };
  const pages = blockSize > 0 ? capacity / blockSize : 0;
  const keyShape = blockSize > 0 ? [batch * pages, keyHeads, blockSize] : [batch, keyHeads, capacity];
  const inputs = [
    add(query, [batch, heads, queries, size]),
    add(key, [...keyShape, size]),
    add(key, [...keyShape, valueSize]),
    hasLengths ? add('int32', [batch]) : null,
    null,
    blockSize > 0 ? add('int32', [batch, pages]) : null,
    problem.hasMask ? add('float32', [batch, heads, queries, capacity]) : null,
  ];
  const outputs = [add('float32', [batch, heads, queries, valueSize])];
  if (problem.hasSums) outputs.push(add('float32', [batch, heads, queries, 1]));
  const attributes = { scale: 1 / Math.sqrt(size), causal, blockSize, multiply };
  return { tensors, step: { kind: 'attention', inputs, outputs, attributes, after: [], origin: [] } };
}
