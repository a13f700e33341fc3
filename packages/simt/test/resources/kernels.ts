import { attentionStep, matmulStep, type OneStep } from '../support/matrix-steps.js';

const large = { m: 4096, n: 4096, k: 4096 } as const;

/** The kernels whose registers and shared memory are recorded, by what they are for. */
export const recordedKernels: Readonly<Record<string, OneStep<'matmul'> | OneStep<'attention'>>> = {
  'float32 4096³': matmulStep({ ...large, a: 'float32', b: 'float32', multiply: 'float32' }),
  'float16 4096³': matmulStep({ ...large, a: 'float16', b: 'float16', multiply: 'float16' }),
  'float16 4096³, b row-major': matmulStep({
    ...large,
    a: 'float16',
    b: 'float16',
    multiply: 'float16',
    isTransposedB: false,
  }),
  'float16 128 × 256 × 4096': matmulStep({ m: 128, n: 256, k: 4096, a: 'float16', b: 'float16', multiply: 'float16' }),
  'bfloat16 4096³': matmulStep({ ...large, a: 'bfloat16', b: 'bfloat16', multiply: 'bfloat16' }),
  'tfloat32 4096³': matmulStep({ ...large, a: 'float32', b: 'float32', multiply: 'tfloat32' }),
  'int8 4096³': matmulStep({ ...large, a: 'int8', b: 'int8', multiply: 'int8', accumulate: 'int32' }),
  'float8 4096³': matmulStep({ ...large, a: 'float16', b: 'float16', multiply: 'float8', hasPrologue: true }),
  'q4_1, 64 rows, gated': matmulStep({ m: 64, n: 1536, k: 576, a: 'float32', b: 'q4_1', multiply: 'int8', count: 2 }),
  'q6_k, 512 rows': matmulStep({ m: 512, n: 4096, k: 4096, a: 'float32', b: 'q6_k', multiply: 'int8' }),
  'q4_1, 1 row': matmulStep({ m: 1, n: 1536, k: 576, a: 'float32', b: 'q4_1', multiply: 'int8' }),
  'q4_k, 4 rows': matmulStep({ m: 4, n: 4096, k: 4096, a: 'float32', b: 'q4_k', multiply: 'float32' }),
  'float16, 8 rows': matmulStep({ m: 8, n: 4096, k: 4096, a: 'float32', b: 'float16', multiply: 'float32' }),
  'attention float32, 512 queries': attentionStep({
    batch: 1,
    heads: 9,
    keyHeads: 3,
    queries: 512,
    capacity: 2048,
    size: 64,
    key: 'float16',
  }),
  'attention float16, 512 queries': attentionStep({
    batch: 1,
    heads: 32,
    keyHeads: 8,
    queries: 512,
    capacity: 2048,
    size: 128,
    query: 'float16',
    key: 'float16',
    multiply: 'float16',
  }),
  'attention, 1 query': attentionStep({
    batch: 1,
    heads: 9,
    keyHeads: 3,
    queries: 1,
    capacity: 2048,
    size: 64,
    key: 'float16',
  }),
};
