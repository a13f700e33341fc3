import type { Configuration } from '../../contract/index.js';
import type { TuningEntry, TuningTable } from '../table.js';

/** How tiles of products on tensor cores are cut, for one architecture of NVIDIA's. */
interface TensorTiles {
  readonly architecture: string;
  readonly description: string;
  /** Warps of a tile of 128 × 128: 4 of 64 × 64, or 8 of 64 × 32. */
  readonly warpColumns: 64 | 32;
  /** Of tiles in shared memory, one of which is multiplied while the others are on their way. */
  readonly stages: number;
  readonly source: string;
}

const multiplied = 'a step of 128 x 128 x 32 float16 takes';

const architectures: readonly TensorTiles[] = [
  {
    architecture: 'sm_70',
    description: 'Volta: V100. wmma, no asynchronous copies, float16 alone.',
    warpColumns: 32,
    stages: 2,
    source: `derived: ${multiplied} 1024 cycles at 512 multiply-adds a cycle, above the 460 of a load (Dewing, AI_kernels): one tile ahead, in registers; 8 warps leave 255 registers for sums and loads`,
  },
  {
    architecture: 'sm_75',
    description: 'Turing: T4, RTX 20. mma.m16n8k8, ldmatrix, no asynchronous copies, float16 and int8.',
    warpColumns: 32,
    stages: 2,
    source: `derived: ${multiplied} 1024 cycles at 512 multiply-adds a cycle, above the 430 of a load (Jia et al. 2019, from memory): one tile ahead, in registers; 2 stages of 16 KiB let two blocks share 64 KiB`,
  },
  {
    architecture: 'sm_80',
    description: 'Ampere: A100.',
    warpColumns: 64,
    stages: 3,
    source: `derived: ${multiplied} 512 cycles at 1024 multiply-adds a cycle (A100 white paper), a load about 470 (Luo et al. 2024): one tile in flight, one landing, one multiplied`,
  },
  {
    architecture: 'sm_86',
    description: 'Ampere: A10, A40, RTX 30.',
    warpColumns: 64,
    stages: 3,
    source: `derived: ${multiplied} 1024 cycles at 512 multiply-adds a cycle (GA102 white paper; on GeForce boards twice that): 3 stages of 16 KiB let two blocks share 100 KiB`,
  },
  {
    architecture: 'sm_89',
    description: 'Ada: L4, L40, RTX 40.',
    warpColumns: 64,
    stages: 3,
    source: `derived: as sm_86, whose tensor rate and shared memory it has; a load takes about 540 cycles (Luo et al. 2024)`,
  },
  {
    architecture: 'sm_100',
    description: 'Blackwell: B100, B200. mma.sync, not tcgen05.',
    warpColumns: 64,
    stages: 4,
    source: 'derived: as sm_90, taken to be as fast with mma.sync',
  },
  {
    architecture: 'sm_120',
    description: 'Blackwell: RTX 50, RTX PRO.',
    warpColumns: 64,
    stages: 3,
    source: 'derived: as sm_89, whose shared memory it has',
  },
];

const large = { rows: { min: 65 }, columns: { min: 65 }, depth: { min: 64 } } as const;

function entries({ architecture, warpColumns, stages, source }: TensorTiles): TuningEntry[] {
  const tile: Configuration = {
    kernel: 'tensor',
    rows: 128,
    columns: 128,
    depthBytes: 64,
    warpRows: 64,
    warpColumns,
    stages,
  };
  const types = architecture === 'sm_70' || architecture === 'sm_75' ? ['float16'] : ['float16', 'bfloat16'];
  return types.map((type) => ({ kind: 'matmul', types: [type, type], shape: large, configuration: tile, source }));
}

/** Two warpgroups multiply by `wgmma` what bulk copies bring. */
const hopper: TuningTable = {
  version: 1,
  for: 'sm_90',
  description: 'Hopper: H100, H200. wgmma and bulk copies.',
  entries: ['float16', 'bfloat16'].map((type) => ({
    kind: 'matmul',
    types: [type, type],
    shape: { rows: { min: 1024 }, columns: { min: 1024 }, depth: { min: 256 } },
    configuration: { kernel: 'warpgroup', rows: 128, columns: 256, stages: 4, cluster: 2 },
    source:
      'derived: 128 sums of 64 x 256 fill the registers of a thread; 4 stages of 48 KiB, the 227 KiB of a block (CUDA C++ programming guide); a step of 128 x 256 x 64 takes 1024 cycles at 2048 multiply-adds a cycle (H100 white paper), in which the L2 cache gives each multiprocessor 34 KiB (4472 B a cycle for 132: Luo et al., 2024): 32 KiB where two blocks share the 256 columns, 48 KiB where none do',
  })),
};

/** By architecture. Nothing here was measured on hardware. */
export const cudaTables: Readonly<Record<string, TuningTable>> = Object.fromEntries([
  ...architectures.map((tiles): [string, TuningTable] => [
    tiles.architecture,
    { version: 1, for: tiles.architecture, description: tiles.description, entries: entries(tiles) },
  ]),
  ['sm_90', hopper],
]);
