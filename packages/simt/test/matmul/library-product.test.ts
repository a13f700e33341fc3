import type { Expression, Instruction, Operand, Step, Tensor } from '@halyard/core';
import { describeProduct, generateProgram } from '@halyard/simt';
import { describe, expect, it } from 'vitest';
import { gated, type MatmulCase, matmulStep, type OneStep } from '../support/matrix-steps.js';
import { targets } from '../support/matrix-targets.js';

const half: MatmulCase = { m: 8, n: 16, k: 32, a: 'float16', b: 'float16', multiply: 'float32', output: 'float16' };

function describeStep({ tensors, step }: OneStep<'matmul'>, changes: Partial<Step<'matmul'>> = {}) {
  return describeProduct({ ...step, ...changes }, tensors, 1024);
}

const instruction = (op: Instruction['op'], dataType: Instruction['dataType'], ...given: number[]): Instruction => ({
  op,
  arguments: given,
  dataType,
});
const after = (...body: Instruction[]): Expression => ({ inputs: [], body, results: [body.length] });

/** A matmul to which a vector of the given type is added in float32. */
function biased(type: 'float16' | 'float32', strides: readonly number[] = [0, 0, 1]): OneStep<'matmul'> {
  const { tensors, step } = matmulStep(half);
  const bias: Tensor = { type, shape: [16], at: { binding: tensors.length }, offset: 64 };
  const view = { tensor: tensors.length, offset: 0, shape: [1, 8, 16], strides };
  const body = [
    instruction('cast', 'float32', 1),
    instruction('add', 'float32', 2, 0),
    instruction('cast', 'float16', 3),
  ];
  const epilogue: Expression = { inputs: [view], body, results: [4] };
  return { tensors: [...tensors, bias], step: { ...step, epilogue } };
}

describe('a matmul step as a product of the library', () => {
  it('is the transposed product, with the operands in the order a, b, d of BLAS', () => {
    expect(describeStep(matmulStep(half))).toEqual({
      product: {
        ...{ rows: 16, columns: 8, depth: 32, batches: 1, compute: 'float32', workspaceBytes: 1024, algorithm: '' },
        a: { type: 'float16', isTransposed: true, leading: 32, batchStride: 0, offset: 0, alignment: 256 },
        b: { type: 'float16', isTransposed: false, leading: 32, batchStride: 0, offset: 0, alignment: 256 },
        d: { type: 'float16', isTransposed: false, leading: 16, batchStride: 0, offset: 0, alignment: 256 },
      },
      arguments: [1, 0, 2].map((binding) => ({ kind: 'binding', binding })),
    });
  });

  it('may add a vector to every row, and then says where it is', () => {
    expect(describeStep(biased('float16'))).toMatchObject({
      product: { bias: { offset: 64, alignment: 64 } },
      arguments: [{ binding: 1 }, { binding: 0 }, { binding: 2 }, { binding: 3 }],
    });
  });

  it.each<[string, OneStep<'matmul'>, Partial<Step<'matmul'>>, RegExp]>([
    ['several products', matmulStep({ ...half, count: 2 }), {}, /several products/],
    ['a prologue', matmulStep({ ...half, hasPrologue: true }), {}, /changed as read/],
    ['block-quantized weights', matmulStep({ ...half, k: 32, b: 'q4_0' }), {}, /types float16 · q4_0/],
    ['a bias of another type than the result', biased('float32'), {}, /epilogue/],
    ['a bias for each row', biased('float16', [0, 1, 0]), {}, /epilogue/],
    [
      'ReLU, which says nothing of NaN',
      matmulStep(half),
      { epilogue: after(instruction('max', 'float32', 0, 0)) },
      /epilogue/,
    ],
    [
      'GELU, which is an approximation',
      matmulStep(half),
      { epilogue: after(instruction('gelu', 'float32', 0)) },
      /epilogue/,
    ],
    [
      'a result that is rounded before it is stored wider',
      matmulStep({ ...half, output: 'float32' }),
      { epilogue: after(instruction('cast', 'float16', 0), instruction('cast', 'float32', 1)) },
      /epilogue/,
    ],
    ['a gated MLP', matmulStep({ ...half, count: 2 }), { epilogue: gated }, /several products/],
  ])('is none with %s', (_what, one, changes, why) => {
    expect(describeStep(one, changes)).toMatch(why);
  });

  it('is none where elements lie side by side along neither dimension, or a stride runs backwards', () => {
    const one = matmulStep(half);
    const [a, b] = one.step.inputs as [Operand, Operand];
    const spread = { ...a, strides: [512, 64, 2] };
    expect(describeStep(one, { inputs: [spread, b] })).toMatch(/side by side/);
    const backwards = { ...a, offset: 224, strides: [0, -32, 1] };
    expect(describeStep(one, { inputs: [backwards, b] })).toMatch(/side by side/);
  });

  it('becomes a launch without device code, with scratch memory behind the program', () => {
    const { tensors, step } = matmulStep(half);
    const described = describeProduct(step, tensors, 1024);
    if (typeof described === 'string') throw new Error(described);
    const product = { ...described.product, workspaceBytes: 512, algorithm: '00' };
    const program = { version: { major: 1, minor: 0 }, bindings: [], tensors, steps: [step], workspaceBytes: 0 };
    const generated = generateProgram(program, targets.sm_80, [], [{ product, reason: 'because' }]);
    expect(generated).toMatchObject({ modules: [], scratchBytes: 512 });
    expect(generated.launches).toMatchObject([
      { kernel: 'cublaslt', product, arguments: [{ binding: 1 }, { binding: 0 }, { binding: 2 }, { kind: 'scratch' }] },
    ]);
    expect(generated.choices).toEqual([
      { step: 0, kernel: 'cublaslt', configuration: { compute: 'float32', workspaceBytes: 512 }, reason: 'because' },
    ]);
    const refused = generateProgram(program, targets.sm_80, [], [{ refusal: 'it is not here' }]);
    expect(refused.choices[0]!.reason).toMatch(/; not cuBLASLt: it is not here$/);
  });
});
