import type { TuningTable } from '../table.js';

export const x86Portable: TuningTable = {
  version: 1,
  for: 'x86-portable',
  description: 'x86-64 without AVX2: 128-bit SSE2, as compilers vectorize plain loops.',
  entries: [
    {
      kind: 'matmul',
      configuration: { depth: 256, columnGroup: 192, rowGroup: 96, expandedBytes: 16_384 },
      source: 'derived: 192 columns of 256 floats are 192 KiB, which pass by from the second-level cache of any x86-64',
    },
    {
      kind: 'map',
      configuration: { tileElements: 512 },
      source:
        'measured on 2 cores of Intel Granite Rapids: interpreting op by op was fastest with tiles of 256 to 1024 floats',
    },
  ],
};
