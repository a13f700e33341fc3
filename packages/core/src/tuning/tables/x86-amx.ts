import type { TuningTable } from '../table.js';

export const x86Amx: TuningTable = {
  version: 1,
  for: 'x86-amx',
  description: 'AMX tiles of 16 rows x 64 bytes. Sapphire Rapids and later.',
  entries: [
    {
      kind: 'matmul',
      types: ['float32', 'float32'],
      configuration: { rows: 14, columns: 32, depth: 512 },
      source: 'as for x86-avx512, which multiplies float32 where tiles are for int8 and bfloat16',
    },
    {
      kind: 'map',
      configuration: { tile: 512 },
      source:
        'measured on 2 cores of Intel Granite Rapids: interpreting op by op was fastest with tiles of 256 to 1024 floats',
    },
  ],
};
