import type { ArchitectureModel } from '../architecture.js';
import { common, latencies, residency } from './defaults.js';
import { accelSim, assumed, guide, hopper, mesa80, pointerChase, specifications } from './sources.js';

const a100: ArchitectureModel = {
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
  sources: [guide, hopper, mesa80, accelSim, 'NVIDIA A100 white paper, V1.0, tables 4 and 5; its L2 5120 B per clock'],
  unconfirmed: ['latency of the first level: as sm_90', ...assumed],
};

const rtx3090: ArchitectureModel = {
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
    ...assumed,
  ],
};

const orin: ArchitectureModel = {
  ...rtx3090,
  name: 'sm_87',
  board: 'Jetson AGX Orin 64 GB',
  multiprocessors: 16,
  clockHz: 1.3e9,
  matrixRates: { float16: 1024, tfloat32: 512, int8: 2048, float8: 0, float64: 0 },
  residency: residency(1536, 16, 164),
  memoryBytesPerSecond: 204.8e9,
  sources: [
    specifications,
    mesa80,
    'deviceQuery of a Jetson AGX Orin, as others ran it: 16 multiprocessors, 1300 MHz, 256 bits',
    'NVIDIA Jetson AGX Orin technical brief: 170 TOPS int8 of the GPU with sparsity, 85 without, 5.3 TFLOPS float32, 204.8 GB/s',
  ],
  unconfirmed: [
    'rates: as sm_86; of float16 and tfloat32 matrices: a half and a quarter of int8, as on sm_80',
    'latencies of shared memory, first level and memory: as sm_90',
    'sectorsPerClock: its port alone',
    ...assumed,
  ],
};

const rtx4090: ArchitectureModel = {
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
    ...assumed,
  ],
};

export const ampereAda = { sm_80: a100, sm_86: rtx3090, sm_87: orin, sm_89: rtx4090 };
