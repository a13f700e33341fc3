import type { TuningTable } from '../table.js';

export const armNeon: TuningTable = {
  version: 1,
  for: 'arm-neon',
  description: 'NEON (Advanced SIMD): 32 registers of 4 floats. Every arm64 processor.',
  entries: [
    {
      kind: 'matmul',
      configuration: { depth: 256, columnGroup: 192, rowGroup: 96, expandedBytes: 32_768 },
      source:
        'derived: 192 columns x 256 floats are 192 KiB, less than half of the smallest L2 of server cores; L1 is 64 KiB, half of it for expanded weights',
    },
    {
      kind: 'map',
      configuration: { tileElements: 512 },
      source: 'as for x86-avx2',
    },
  ],
};
