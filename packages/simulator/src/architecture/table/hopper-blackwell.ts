import type { ArchitectureModel } from '../architecture.js';
import { common, latencies, residency } from './defaults.js';
import {
  accelSim,
  assumed,
  guide,
  hopper,
  multicast,
  occupancyHeader,
  pointerChase,
  specifications,
} from './sources.js';

const h100: ArchitectureModel = {
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
    ...assumed,
  ],
};

const b200: ArchitectureModel = {
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
  sources: [
    specifications,
    pointerChase,
    'NVIDIA DGX and HGX B200 pages: float16 2.25 PFLOPS dense, 8 TB/s for each GPU',
  ],
  unconfirmed: [
    'multiprocessors, and the clock that is derived from them and the dense peak',
    'rates: as sm_90; of float64 matrices: half of that',
    'warpMatrixShare: mma.sync taken to be as fast as on sm_90',
    'sectorsPerClock, and latencies but those of caches and memory: as sm_90',
    ...assumed,
  ],
};

const b300: ArchitectureModel = {
  ...b200,
  name: 'sm_103',
  board: 'B300',
  rates: { ...b200.rates, float64: 2, special: 32 },
  matrixRates: { ...b200.matrixRates, int8: 256, float64: 2 },
  sources: [
    occupancyHeader,
    'NVIDIA HGX B300 page, as quoted by G. Lockwood: 1.25 TFLOPS float64, 2.25 PFLOPS float16 dense, 8 TB/s',
    'Verda, GB300 NVL72 architecture: 0.15 POPS int8 dense, exponentials at twice the rate of B200',
  ],
  unconfirmed: [
    'multiprocessors and clock: as sm_100; rates of float64 and of int8 matrices: derived from them, as powers of two',
    'all latencies, sectorsPerClock, warpMatrixShare and the other rates: as sm_100',
    ...assumed,
  ],
};

const thor: ArchitectureModel = {
  ...b200,
  name: 'sm_110',
  board: 'Jetson AGX Thor',
  multiprocessors: 20,
  clockHz: 1.575e9,
  rates: { ...b200.rates, float64: 2 },
  matrixRates: { ...b200.matrixRates, float64: 0 },
  residency: residency(1536, 24, 228),
  memoryBytesPerSecond: 273e9,
  sources: [
    specifications,
    'deviceQuery of a Jetson AGX Thor, as others ran it: 20 multiprocessors, 256 bits at 4266 MHz',
    'NVIDIA Jetson T5000 data sheet: 1.57 GHz, 273 GB/s, 2070 TFLOPS float4 with sparsity, an eighth of it in float16',
  ],
  unconfirmed: [
    'rates but those of float16 and float8 matrices: as sm_100; of float64: as boards that are not for data centers',
    'all latencies, sectorsPerClock and warpMatrixShare: as sm_100',
    ...assumed,
  ],
};

const rtx5090: ArchitectureModel = {
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
  sources: [specifications, pointerChase, 'NVIDIA RTX Blackwell white paper, V1.1'],
  unconfirmed: [
    'rates, multiprocessors and clock: of the white paper, from memory',
    'latencies of arithmetic, shared memory and matrices: as sm_89',
    'sectorsPerClock: its port alone',
    ...assumed,
  ],
};

const gb10: ArchitectureModel = {
  ...rtx5090,
  name: 'sm_121',
  board: 'GB10',
  multiprocessors: 48,
  clockHz: 2.418e9,
  memoryBytesPerSecond: 273e9,
  sources: [
    occupancyHeader,
    'deviceQuery of a DGX Spark, as others ran it: 48 multiprocessors, 2418 MHz, 256 bits',
    'NVIDIA DGX Spark data sheet: 273 GB/s, 1 PFLOPS float4 with sparsity',
  ],
  unconfirmed: ['rates, all latencies and sectorsPerClock: as sm_120', ...assumed],
};

export const hopperBlackwell = {
  sm_90: h100,
  sm_100: b200,
  sm_103: b300,
  sm_110: thor,
  sm_120: rtx5090,
  sm_121: gb10,
};
