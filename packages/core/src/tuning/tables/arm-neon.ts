import type { TuningTable } from '../table.js';

export const armNeon: TuningTable = {
  version: 1,
  for: 'arm-neon',
  description: 'NEON (Advanced SIMD): 32 registers of 4 floats. Every arm64 processor.',
  entries: [
    {
      kind: 'matmul',
      types: ['float32', 'float32'],
      configuration: { rows: 6, columns: 16, depth: 256 },
      source:
        'derived: 24 of 32 registers hold sums, 4 the row of b, 2 elements of a; a panel of 16 x 256 floats is 16 KiB of a 64 KiB L1',
    },
    {
      kind: 'map',
      configuration: { tile: 512 },
      source:
        'measured on 2 cores of Intel Granite Rapids: interpreting op by op was fastest with tiles of 256 to 1024 floats',
    },
  ],
};
