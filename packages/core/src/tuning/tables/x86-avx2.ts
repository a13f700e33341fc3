import type { TuningTable } from '../table.js';

export const x86Avx2: TuningTable = {
  version: 1,
  for: 'x86-avx2',
  description: 'AVX2, FMA and F16C: 16 registers of 8 floats. Haswell and later, Zen 1 to 3.',
  entries: [
    {
      kind: 'matmul',
      types: ['float32', 'float32'],
      configuration: { rows: 6, columns: 16, depth: 256 },
      source:
        'derived: 12 of 16 registers hold sums, 2 the row of b, 1 the element of a, as in OpenBLAS Haswell and XNNPACK; a panel of 16 x 256 floats is 16 KiB, half of a 32 KiB L1',
    },
    {
      kind: 'map',
      configuration: { tile: 512 },
      source:
        'measured on 2 cores of Intel Granite Rapids: interpreting op by op was fastest with tiles of 256 to 1024 floats',
    },
  ],
};
