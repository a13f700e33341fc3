import type { ArchitectureModel } from '../architecture.js';
import { common, latencies, oldResidency } from './defaults.js';
import { accelSim, assumed, guide, mesa75, pointerChase, volta } from './sources.js';

const v100: ArchitectureModel = {
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
  residency: oldResidency(2048, 32, 96),
  sectorsPerClock: 0.8,
  memoryBytesPerSecond: 900e9,
  sources: [
    guide,
    volta,
    pointerChase,
    'NVIDIA A100 white paper, V1.0, table 4: V100 beside it, 125 TFLOPS, 1530 MHz; its L2 2048 B per clock',
  ],
  unconfirmed: ['latencies of float16, float64, special functions and matrices: those of Turing', ...assumed],
};

const xavier: ArchitectureModel = {
  ...v100,
  name: 'sm_72',
  board: 'Jetson AGX Xavier',
  multiprocessors: 8,
  clockHz: 1.377e9,
  matrixRates: { ...v100.matrixRates, int8: 1024 },
  memoryBytesPerSecond: 137e9,
  sources: [
    guide,
    'deviceQuery of a Jetson AGX Xavier, as others ran it: 8 multiprocessors, 1377 MHz, 256 bits',
    'NVIDIA Jetson AGX Xavier data sheet: 512 cores, 64 tensor cores, 22 TOPS int8 and 11 TFLOPS float16, 137 GB/s',
  ],
  unconfirmed: ['all latencies, and sectorsPerClock: those of sm_70', ...assumed],
};

const t4: ArchitectureModel = {
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
  residency: oldResidency(1024, 16, 64),
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
    ...assumed,
  ],
};

export const voltaTuring = { sm_70: v100, sm_72: xavier, sm_75: t4 };
