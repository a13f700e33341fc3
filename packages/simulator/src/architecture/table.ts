import type { ArchitectureModel, Latencies, Residency } from './architecture.js';

const guide =
  'CUDA C++ Programming Guide 12.6, tables "Throughput of Native Arithmetic Instructions" and "Technical Specifications per Compute Capability"';
const volta = 'Jia et al., Dissecting the NVIDIA Volta GPU Architecture via Microbenchmarking, 2018 (arXiv:1804.06826)';
const hopper = 'Luo et al., Benchmarking and Dissecting the Nvidia Hopper GPU Architecture, 2024 (arXiv:2402.13499)';
const mesa75 = 'Mesa, nouveau/compiler/nak/sm75_instr_latencies.rs: latencies that NVIDIA gave for Turing';
const mesa80 = 'Mesa, nouveau/compiler/nak/sm80_instr_latencies.rs: latencies that NVIDIA gave for Ampere and Ada';
const accelSim = 'Accel-Sim, tested configurations: special functions';
const pointerChase =
  'M. Dewing, AI_kernels/latency: pointer chasing through the caches of V100, RTX 4090, 5090, GH200, B200';
const queue = 'memoryQueueClocks: assumed';
const constant = 'latencies of constants: assumed';

const port = 'portSectorsPerClock: assumed, 64 bytes';
const multicast =
  'one read for all blocks of a multicast: Mojo standard library, cp_async_bulk_tensor_shared_cluster_global_multicast';

const common = {
  schedulers: 4,
  sharedWavefrontsPerClock: 1,
  memoryQueueClocks: 32,
  warpMatrixShare: 1,
  portSectorsPerClock: 2,
} as const;

const latencies = (given: Partial<Latencies>): Latencies => ({
  arithmetic: 4,
  float16: 5,
  float64: 10,
  special: 23,
  matrix: 10,
  shared: 29,
  constant: 30,
  local: 40,
  global: 480,
  barrier: 6,
  ...given,
});

const residency = (
  threads: number,
  blocks: number,
  sharedKibibytes: number,
  reservedSharedBytes = 1024,
): Residency => ({
  threads,
  blocks,
  registers: 65536,
  sharedBytes: sharedKibibytes * 1024,
  reservedSharedBytes,
});

/**
 * One board per architecture. Each row says where its figures were found, and which were not. Rates of matrices are
 * those of the data sheets' dense peak with float32 sums, divided by multiprocessors and clock.
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
    latencies: latencies({
      float16: 6,
      float64: 8,
      special: 21,
      matrix: 6,
      shared: 19,
      local: 28,
      global: 460,
      barrier: 5,
    }),
    residency: residency(2048, 32, 96, 0),
    sectorsPerClock: 0.8,
    memoryBytesPerSecond: 900e9,
    sources: [
      guide,
      volta,
      pointerChase,
      'NVIDIA A100 white paper, V1.0, table 4: V100 beside it, 125 TFLOPS, 1530 MHz; its L2 2048 B per clock',
    ],
    unconfirmed: [
      'latencies of float16, float64, special functions and matrices: those of Turing',
      constant,
      queue,
      port,
    ],
  },
  sm_75: {
    ...common,
    name: 'sm_75',
    board: 'Tesla T4',
    multiprocessors: 40,
    clockHz: 1.59e9,
    rates: { float32: 64, float64: 2, float16: 128, integer: 64, special: 16, conversion: 16 },
    matrixRates: { float16: 512, tfloat32: 0, int8: 1024, float8: 0, float64: 0 },
    latencies: latencies({
      float16: 6,
      float64: 9,
      special: 21,
      matrix: 6,
      shared: 23,
      local: 32,
      global: 430,
      barrier: 5,
    }),
    residency: residency(1024, 16, 64, 0),
    sectorsPerClock: 0.6,
    memoryBytesPerSecond: 320e9,
    sources: [
      guide,
      mesa75,
      accelSim,
      'S. Feng, gpu-arch-microbenchmark: first level and shared memory of an RTX 2070',
      'NVIDIA T4 data sheet: 65 TFLOPS float16, 130 TOPS int8, 320 GB/s, 1590 MHz',
    ],
    unconfirmed: [
      'latency of memory, and sectorsPerClock: of Jia et al., Dissecting the NVidia Turing T4 GPU, 2019, from memory',
      constant,
      queue,
      port,
    ],
  },
  sm_80: {
    ...common,
    name: 'sm_80',
    board: 'A100 SXM4 40 GB',
    multiprocessors: 108,
    clockHz: 1.41e9,
    rates: { float32: 64, float64: 32, float16: 256, integer: 64, special: 16, conversion: 16 },
    matrixRates: { float16: 1024, tfloat32: 512, int8: 2048, float8: 0, float64: 64 },
    latencies: latencies({ global: 466 }),
    residency: residency(2048, 32, 164),
    sectorsPerClock: 1.48,
    memoryBytesPerSecond: 1555e9,
    sources: [
      guide,
      hopper,
      mesa80,
      accelSim,
      'NVIDIA A100 white paper, V1.0, tables 4 and 5; its L2 5120 B per clock',
    ],
    unconfirmed: ['latency of the first level: as sm_90', constant, queue, port],
  },
  sm_86: {
    ...common,
    name: 'sm_86',
    board: 'GeForce RTX 3090',
    multiprocessors: 82,
    clockHz: 1.695e9,
    rates: { float32: 128, float64: 2, float16: 128, integer: 64, special: 16, conversion: 16 },
    matrixRates: { float16: 256, tfloat32: 128, int8: 1024, float8: 0, float64: 0 },
    latencies: latencies({}),
    residency: residency(1536, 16, 100),
    sectorsPerClock: 2,
    memoryBytesPerSecond: 936e9,
    sources: [
      guide,
      mesa80,
      'NVIDIA GA102 white paper, V2.1: 71 TFLOPS float16 with float32 sums, half of the 142 with float16 sums and of what boards for data centers do; 35.6 TFLOPS float16 without matrices (the guide says 256 per clock)',
    ],
    unconfirmed: [
      'latencies of shared memory, first level and memory: as sm_90',
      'sectorsPerClock: its port alone',
      constant,
      queue,
      port,
    ],
  },
  sm_89: {
    ...common,
    name: 'sm_89',
    board: 'GeForce RTX 4090',
    multiprocessors: 128,
    clockHz: 2.52e9,
    rates: { float32: 128, float64: 2, float16: 128, integer: 64, special: 16, conversion: 16 },
    matrixRates: { float16: 256, tfloat32: 128, int8: 1024, float8: 512, float64: 0 },
    latencies: latencies({ shared: 30, global: 540 }),
    residency: residency(1536, 24, 100),
    sectorsPerClock: 2,
    memoryBytesPerSecond: 1008e9,
    sources: [
      guide,
      mesa80,
      pointerChase,
      'NVIDIA Ada white paper, V2.1, appendix A: float16 165.2, float8 330.3 TFLOPS with float32 sums, int8 660.6 TOPS',
    ],
    unconfirmed: [
      'latencies of shared memory and memory: of Luo et al., 2024, from memory; pointer chasing says 636 for memory',
      'sectorsPerClock: its port alone',
      constant,
      queue,
      port,
    ],
  },
  sm_90: {
    ...common,
    name: 'sm_90',
    board: 'H100 SXM5',
    multiprocessors: 132,
    clockHz: 1.83e9,
    rates: { float32: 128, float64: 64, float16: 256, integer: 64, special: 16, conversion: 16 },
    matrixRates: { float16: 2048, tfloat32: 1024, int8: 4096, float8: 4096, float64: 128 },
    warpMatrixShare: 0.62,
    latencies: latencies({ global: 479 }),
    residency: residency(2048, 32, 228),
    sectorsPerClock: 1.06,
    memoryBytesPerSecond: 3350e9,
    sources: [
      guide,
      hopper,
      accelSim,
      pointerChase,
      'NVIDIA H100 data sheet: 989 TFLOPS float16 dense, 67 TFLOPS float32, 3.35 TB/s; white paper, V1.02, table 3',
      `${hopper}, table V: 4472 B per clock of L2, measured on an H800`,
      multicast,
    ],
    unconfirmed: [
      'clock: derived from the dense float16 peak; the float32 peak asks for 1.98 GHz',
      'warpMatrixShare: of Luo et al., 2024, from memory',
      'latencies of arithmetic and matrices: as sm_80',
      constant,
      queue,
      port,
    ],
  },
  sm_100: {
    ...common,
    name: 'sm_100',
    board: 'B200',
    multiprocessors: 148,
    clockHz: 1.85e9,
    rates: { float32: 128, float64: 64, float16: 256, integer: 64, special: 16, conversion: 16 },
    matrixRates: { float16: 4096, tfloat32: 2048, int8: 8192, float8: 8192, float64: 64 },
    warpMatrixShare: 0.31,
    latencies: latencies({ global: 860 }),
    residency: residency(2048, 32, 228),
    sectorsPerClock: 1.06,
    memoryBytesPerSecond: 8000e9,
    sources: [guide, pointerChase, 'NVIDIA DGX and HGX B200 pages: float16 2.25 PFLOPS dense, 8 TB/s for each GPU'],
    unconfirmed: [
      'multiprocessors, and the clock that is derived from them and the dense peak',
      'rates: as sm_90; of float64 matrices: half of that',
      'warpMatrixShare: mma.sync taken to be as fast as on sm_90',
      'sectorsPerClock, and latencies but those of caches and memory: as sm_90',
      constant,
      queue,
      port,
    ],
  },
  sm_120: {
    ...common,
    name: 'sm_120',
    board: 'GeForce RTX 5090',
    multiprocessors: 170,
    clockHz: 2.41e9,
    rates: { float32: 128, float64: 2, float16: 128, integer: 128, special: 16, conversion: 16 },
    matrixRates: { float16: 256, tfloat32: 128, int8: 1024, float8: 512, float64: 0 },
    latencies: latencies({ shared: 30, local: 44, global: 936 }),
    residency: residency(1536, 24, 100),
    sectorsPerClock: 2,
    memoryBytesPerSecond: 1792e9,
    sources: [pointerChase, 'NVIDIA RTX Blackwell white paper, V1.1'],
    unconfirmed: [
      'all but the latencies of caches and memory, and the bandwidth: of the white paper, from memory',
      'latencies of arithmetic, shared memory and matrices: as sm_89',
      'sectorsPerClock: its port alone',
      constant,
      queue,
      port,
    ],
  },
};
