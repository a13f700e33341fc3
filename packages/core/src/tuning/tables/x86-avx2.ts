import type { TuningTable } from '../table.js';

export const x86Avx2: TuningTable = {
  version: 1,
  for: 'x86-avx2',
  description: 'AVX2, FMA and F16C: 16 registers of 8 floats. Haswell and later, Zen 1 to 3.',
  entries: [
    {
      kind: 'matmul',
      configuration: {
        depth: 1024,
        columnGroup: 192,
        rowGroup: 96,
        expandedBytes: 16_384,
        activationBytes: 196_608,
        vectorColumns: 256,
      },
      source:
        'measured on 2 cores of Zen 3: 128 rows of a gained 4 % (k = 576) and 7 % (k = 768) from a depth of 1024 over 512, other shapes within 2 %; 64 or 192 columns and 96 or 192 rows were alike. Derived: 96 rows are 16 tiles of 6; expanded weights take half of a 32 KiB L1',
    },
    {
      kind: 'attention',
      configuration: { keyBlock: 64, queryRows: 96, splitRows: 16 },
      source: 'derived: 96 rows x 64 scores are 24 KiB, which leaves room in L1 for the row of keys under way',
    },
    {
      kind: 'map',
      configuration: { tileElements: 512 },
      source:
        'measured on 2 cores of Intel Granite Rapids: interpreting op by op was fastest with tiles of 256 to 1024 floats',
    },
  ],
};
