import type { TuningTable } from '../table.js';

export const x86Avx512bf16: TuningTable = {
  version: 1,
  for: 'x86-avx512bf16',
  description: 'AVX-512 with VNNI and BF16 dot products. Zen 4 and 5, Cooper Lake and later.',
  entries: [
    {
      kind: 'matmul',
      types: ['float32', 'float32'],
      configuration: { rows: 14, columns: 32, depth: 512 },
      source: 'as for x86-avx512',
    },
    {
      kind: 'map',
      configuration: { tile: 512 },
      source:
        'measured on 2 cores of Intel Granite Rapids: interpreting op by op was fastest with tiles of 256 to 1024 floats',
    },
  ],
};
