import { sumOrder, testProducts } from './products.js';

testProducts('a product of matrices by multiply-adds of single numbers', {
  'float32 with odd extents': {
    m: 70,
    n: 50,
    k: 37,
    a: 'float32',
    b: 'float32',
    multiply: 'float32',
    kernel: 'matmul-fma',
    tolerance: sumOrder,
  },
  'float32, both transposed the other way, over batches': {
    m: 33,
    n: 40,
    k: 20,
    batches: 2,
    a: 'float32',
    b: 'float32',
    multiply: 'float32',
    isTransposedA: true,
    isTransposedB: false,
    kernel: 'matmul-fma',
    tolerance: sumOrder,
  },
  'int32 of int8, exactly, without tensor cores': {
    m: 20,
    n: 30,
    k: 40,
    a: 'int8',
    b: 'int8',
    multiply: 'int8',
    accumulate: 'int32',
    architecture: 'sm_70',
    kernel: 'matmul-fma',
    tolerance: 0,
  },
});
