import type { TuningTable } from '../table.js';

export const x86Avx512: TuningTable = {
  version: 1,
  for: 'x86-avx512',
  description:
    'AVX-512 F, BW, DQ, VL, CD: 32 registers of 16 floats. What comes after it on x86 differs in nothing else.',
  entries: [
    {
      kind: 'matmul',
      types: ['*', 'float32'],
      shape: { depth: { min: 1025 } },
      configuration: { depth: 512, columnGroup: 192, rowGroup: 252 },
      source:
        'measured on 2 cores of Intel Granite Rapids: 2048^3 gained 14 % from a depth of 512 with 252 rows of a in L2',
    },
    {
      kind: 'matmul',
      configuration: { depth: 512, columnGroup: 192, rowGroup: 98, expandedBytes: 16_384 },
      source: 'derived: 98 rows are seven tiles of 14, the tallest that 32 registers hold beside two columns of 16',
    },
    {
      kind: 'map',
      configuration: { tileElements: 512 },
      source:
        'measured on 2 cores of Intel Granite Rapids: interpreting op by op was fastest with tiles of 256 to 1024 floats',
    },
  ],
};
