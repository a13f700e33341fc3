import type { ArchitectureModel } from './architecture.js';

const guide = 'NVIDIA, CUDA C++ Programming Guide, table "Throughput of Native Arithmetic Instructions"';
const microbenchmarks =
  'Jia et al., Dissecting the NVIDIA Volta GPU Architecture via Microbenchmarking, 2018: shared memory 128 B, L2 64 B per clock and multiprocessor';
const common = { issuesPerClock: 4, sharedWavefrontsPerClock: 1, sectorsPerClock: 2 } as const;

/**
 * One board per architecture. Vendor figures all, none measured here, and not yet compared line by line with the
 * documents that are named. Rates of matrices are those of the data sheets'
 * dense peak divided by multiprocessors and clock; on sm_90 and sm_100 that peak belongs to `wgmma` and `tcgen05`, which
 * `mma.sync` does not reach.
 */
export const architectures: Readonly<Record<string, ArchitectureModel>> = {
  sm_70: {
    ...common,
    name: 'sm_70',
    board: 'Tesla V100 SXM2',
    multiprocessors: 80,
    clockHz: 1.53e9,
    rates: { float32: 64, float64: 32, float16: 128, integer: 64, special: 16, conversion: 16 },
    matrixRates: { float16: 512, tfloat32: 0, int8: 0, float8: 0, float64: 0 },
    memoryBytesPerSecond: 900e9,
    sources: [guide, microbenchmarks, 'NVIDIA Tesla V100 GPU Architecture, WP-08608-001'],
  },
  sm_75: {
    ...common,
    name: 'sm_75',
    board: 'Tesla T4',
    multiprocessors: 40,
    clockHz: 1.59e9,
    rates: { float32: 64, float64: 2, float16: 128, integer: 64, special: 16, conversion: 16 },
    matrixRates: { float16: 512, tfloat32: 0, int8: 1024, float8: 0, float64: 0 },
    memoryBytesPerSecond: 320e9,
    sources: [guide, microbenchmarks, 'NVIDIA Turing GPU Architecture, WP-09183-001'],
  },
  sm_80: {
    ...common,
    name: 'sm_80',
    board: 'A100 SXM4 40 GB',
    multiprocessors: 108,
    clockHz: 1.41e9,
    rates: { float32: 64, float64: 32, float16: 256, integer: 64, special: 16, conversion: 16 },
    matrixRates: { float16: 1024, tfloat32: 512, int8: 2048, float8: 0, float64: 64 },
    memoryBytesPerSecond: 1555e9,
    sources: [guide, microbenchmarks, 'NVIDIA A100 Tensor Core GPU Architecture, V1.0'],
  },
  sm_86: {
    ...common,
    name: 'sm_86',
    board: 'GeForce RTX 3090',
    multiprocessors: 82,
    clockHz: 1.695e9,
    rates: { float32: 128, float64: 2, float16: 256, integer: 64, special: 16, conversion: 16 },
    matrixRates: { float16: 512, tfloat32: 128, int8: 1024, float8: 0, float64: 0 },
    memoryBytesPerSecond: 936e9,
    sources: [guide, microbenchmarks, 'NVIDIA Ampere GA102 GPU Architecture, V2.1'],
  },
  sm_89: {
    ...common,
    name: 'sm_89',
    board: 'GeForce RTX 4090',
    multiprocessors: 128,
    clockHz: 2.52e9,
    rates: { float32: 128, float64: 2, float16: 256, integer: 64, special: 16, conversion: 16 },
    matrixRates: { float16: 512, tfloat32: 128, int8: 1024, float8: 1024, float64: 0 },
    memoryBytesPerSecond: 1008e9,
    sources: [guide, microbenchmarks, 'NVIDIA Ada GPU Architecture, V2.01'],
  },
  sm_90: {
    ...common,
    name: 'sm_90',
    board: 'H100 SXM5',
    multiprocessors: 132,
    clockHz: 1.83e9,
    rates: { float32: 128, float64: 64, float16: 256, integer: 64, special: 16, conversion: 64 },
    matrixRates: { float16: 2048, tfloat32: 1024, int8: 4096, float8: 4096, float64: 128 },
    memoryBytesPerSecond: 3350e9,
    sources: [guide, microbenchmarks, 'NVIDIA H100 Tensor Core GPU Architecture, V1.04'],
  },
  sm_100: {
    ...common,
    name: 'sm_100',
    board: 'B200',
    multiprocessors: 148,
    clockHz: 1.85e9,
    rates: { float32: 128, float64: 64, float16: 256, integer: 64, special: 16, conversion: 64 },
    matrixRates: { float16: 4096, tfloat32: 2048, int8: 8192, float8: 8192, float64: 64 },
    memoryBytesPerSecond: 8000e9,
    sources: [
      guide,
      microbenchmarks,
      'NVIDIA Blackwell Architecture Technical Brief, V1.1; clock derived from its dense FP16 peak',
    ],
  },
  sm_120: {
    ...common,
    name: 'sm_120',
    board: 'GeForce RTX 5090',
    multiprocessors: 170,
    clockHz: 2.41e9,
    rates: { float32: 128, float64: 2, float16: 128, integer: 128, special: 16, conversion: 16 },
    matrixRates: { float16: 512, tfloat32: 128, int8: 1024, float8: 1024, float64: 0 },
    memoryBytesPerSecond: 1792e9,
    sources: [guide, microbenchmarks, 'NVIDIA RTX Blackwell GPU Architecture, V1.1'],
  },
};
