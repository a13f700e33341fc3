import type { TuningTable } from '../table.js';

export const x86Avx512vnni: TuningTable = {
  version: 1,
  for: 'x86-avx512vnni',
  description:
    'AVX-512 with VNNI: four int8 products per lane and instruction. Ice Lake and later, Zen 4 and 5. All but block-quantized products is as for x86-avx512, its relative.',
  entries: ['q4_0', 'q4_1', 'q8_0', 'q4_k', 'q6_k'].map((weights) => ({
    kind: 'matmul',
    types: ['*', weights],
    configuration: { expandedBytes: 16_384, activationBytes: 196_608, vectorColumns: 256 },
    source:
      'derived: expanded weights take half of a 32 KiB L1, and the activations of a group of rows less than a fifth of a 1 MiB L2',
  })),
};
