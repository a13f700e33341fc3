import type { TuningTable } from '../table.js';

export const x86Portable: TuningTable = {
  version: 1,
  for: 'x86-portable',
  description: 'x86-64 without AVX2: 128-bit SSE2, as compilers vectorize plain loops.',
  entries: [
    {
      kind: 'matmul',
      types: ['float32', 'float32'],
      configuration: { rows: 4, columns: 8, depth: 256 },
      source: 'derived: 8 sums of 4 lanes leave half of the 16 registers to operands',
    },
    {
      kind: 'map',
      configuration: { tile: 512 },
      source:
        'measured on 2 cores of Intel Granite Rapids: interpreting op by op was fastest with tiles of 256 to 1024 floats',
    },
  ],
};
