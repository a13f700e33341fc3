import type { TuningTable } from '../table.js';

export const x86Amx: TuningTable = {
  version: 1,
  for: 'x86-amx',
  description:
    'AMX tiles of 16 rows x 64 bytes. Sapphire Rapids and later. What tiles do not multiply is as for its relatives.',
  entries: ['q4_0', 'q4_1', 'q4_k'].map((weights) => ({
    kind: 'matmul',
    types: ['*', weights],
    shape: { rows: { min: 16 } },
    configuration: { expandedBytes: 24_576, activationBytes: 786_432 },
    source:
      'derived: L1 has 48 KiB and L2 2 MiB, so that half of the one takes expanded weights, and less than half of the other activations',
  })),
};
