/** Throughput of instructions, and what blocks share, up to compute capability 9.0. */
export const guide =
  'CUDA C++ Programming Guide 12.6, tables "Throughput of Native Arithmetic Instructions" and "Technical Specifications per Compute Capability"';
/** What blocks share, from compute capability 7.5 to 12.0. */
export const specifications =
  'CUDA C++ Programming Guide 13.0, table "Technical Specifications per Compute Capability"';
/** What blocks share, and in which units, of all of them. A test runs it beside this table. */
export const occupancyHeader = 'NVIDIA, cuda_occupancy.h of CUDA 13.0';

export const volta =
  'Jia et al., Dissecting the NVIDIA Volta GPU Architecture via Microbenchmarking, 2018 (arXiv:1804.06826)';
export const hopper =
  'Luo et al., Benchmarking and Dissecting the Nvidia Hopper GPU Architecture, 2024 (arXiv:2402.13499)';
export const mesa75 = 'Mesa, nouveau/compiler/nak/sm75_instr_latencies.rs: latencies that NVIDIA gave for Turing';
export const mesa80 =
  'Mesa, nouveau/compiler/nak/sm80_instr_latencies.rs: latencies that NVIDIA gave for Ampere and Ada';
export const accelSim = 'Accel-Sim, tested configurations: special functions';
export const pointerChase =
  'M. Dewing, AI_kernels/latency: pointer chasing through the caches of V100, RTX 4090, 5090, GH200, B200';
export const multicast =
  'one read for all blocks of a multicast: Mojo standard library, cp_async_bulk_tensor_shared_cluster_global_multicast';

/** Unconfirmed everywhere. */
export const assumed = [
  'latencies of constants: assumed',
  'memoryQueueClocks: assumed',
  'portSectorsPerClock: assumed, 64 bytes',
] as const;
