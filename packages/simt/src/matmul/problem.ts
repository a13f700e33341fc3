import { type DataType, type Operand, type Step, type Tensor, type Type, typeLayouts } from '@halyard/core';

/** A matmul step's extents and what its operands look like in memory. */
export interface MatmulProblem {
  readonly step: Step<'matmul'>;
  readonly tensors: readonly Tensor[];
  readonly batchShape: readonly number[];
  readonly batches: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: MatmulOperand;
  readonly bs: readonly MatmulOperand[];
  /** C++ type of the running sums. */
  readonly sumType: 'float' | 'int' | 'unsigned' | 'long long' | 'unsigned long long';
}

export interface MatmulOperand {
  readonly operand: Operand;
  /** As stored. */
  readonly type: Type;
  /** The dimension along which neighbours lie side by side: `depth` is k. */
  readonly along: 'depth' | 'outer' | 'none';
  /** Whether elements are read as they are stored. */
  readonly isPlain: boolean;
  /** Bytes at which every run of neighbours along `along`, at a multiple of 16 bytes from its first, begins. */
  readonly alignment: number;
}

const sumTypes: Readonly<Partial<Record<DataType, MatmulProblem['sumType']>>> = {
  int64: 'long long',
  uint64: 'unsigned long long',
  int32: 'int',
  int8: 'int',
  uint32: 'unsigned',
  uint8: 'unsigned',
};

export function matmulProblem(step: Step<'matmul'>, tensors: readonly Tensor[]): MatmulProblem {
  const [a, ...bs] = step.inputs as readonly Operand[];
  const rank = a!.shape.length;
  const batchShape = a!.shape.slice(0, -2);
  return {
    step,
    tensors,
    batchShape,
    batches: batchShape.reduce((product, extent) => product * extent, 1),
    m: a!.shape[rank - 2]!,
    k: a!.shape[rank - 1]!,
    n: bs[0]!.shape[rank - 1]!,
    a: matmulOperand(a!, tensors, rank - 1, rank - 2),
    bs: bs.map((b) => matmulOperand(b, tensors, rank - 2, rank - 1)),
    sumType: sumTypes[step.attributes.accumulate] ?? 'float',
  };
}

function matmulOperand(operand: Operand, tensors: readonly Tensor[], depth: number, outer: number): MatmulOperand {
  const { strides } = operand;
  const tensor = tensors[operand.tensor]!;
  const along = strides[depth] === 1 ? 'depth' : strides[outer] === 1 ? 'outer' : 'none';
  const axis = along === 'depth' ? depth : outer;
  return {
    operand,
    type: tensor.type,
    along,
    isPlain: !operand.prologue && !operand.quantization,
    alignment: along === 'none' ? 1 : runAlignment(operand, tensor, axis),
  };
}

/** The greatest power of two, up to 16 bytes, that divides where every run along `axis` begins. */
function runAlignment(operand: Operand, tensor: Tensor, axis: number): number {
  const { elements, bytes } = typeLayouts[tensor.type];
  if (elements !== 1) return 1;
  const starts = [tensor.offset, operand.offset * bytes];
  operand.strides.forEach((stride, at) => {
    if (at !== axis && operand.shape[at]! > 1) starts.push(stride * bytes);
  });
  let alignment = 16;
  while (alignment > 1 && starts.some((start) => start % alignment !== 0)) alignment /= 2;
  return alignment;
}
