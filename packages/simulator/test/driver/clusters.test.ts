import { compileCuda, fetchToolkit } from '@halyard/simulator';
import { beforeAll, describe, expect, it } from 'vitest';
import { driverProgram } from './driver-program.js';

/** Each block tells the one before it in the cluster its rank. */
const source = `
  __device__ void exchange_ranks(float* out, float factor) {
    __shared__ float told[32];
    unsigned rank, count;
    unsigned long long there;
    asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
    asm("mov.u32 %0, %%cluster_nctarank;" : "=r"(count));
    const auto synchronize = [] {
      asm volatile("barrier.cluster.arrive.aligned; barrier.cluster.wait.aligned;" ::: "memory"); };
    synchronize();
    asm("mapa.u64 %0, %1, %2;" : "=l"(there) : "l"(told + threadIdx.x), "r"((rank + count - 1) % count));
    *reinterpret_cast<volatile float*>(there) = factor * rank;
    synchronize();
    out[blockIdx.x * blockDim.x + threadIdx.x] = *const_cast<volatile float*>(told + threadIdx.x);
  }
  extern "C" __global__ void exchange(float* out, float factor) { exchange_ranks(out, factor); }
  extern "C" __global__ void __cluster_dims__(4, 1, 1) exchange_in_fours(float* out, float factor) {
    exchange_ranks(out, factor); }`;

const { run } = driverProgram('clusters');
const devices = [{ architecture: 'sm_90', memoryBytes: 2 ** 28 }];
let ptx = '';

beforeAll(async () => {
  ({ ptx } = await compileCuda(await fetchToolkit('13'), source, { architecture: 'sm_90' }));
}, 60_000);

describe('a launch in clusters', () => {
  it('takes their size from an attribute, or from the kernel, and refuses what does not fit', async () => {
    const { said, report } = await run('launches', { devices }, ptx);
    expect(said).toEqual({
      asked_0: '0',
      asked_2: '10101010',
      asked_4: '12301230',
      required: '12301230',
      another: 'CUDA_ERROR_INVALID_CLUSTER_SIZE',
      no_multiple: 'CUDA_ERROR_INVALID_VALUE',
      too_many: 'CUDA_ERROR_INVALID_CLUSTER_SIZE',
      must_be_set: '1',
      width: '4',
    });
    expect(report.findings).toEqual([]);
  });

  it('is captured with them, and keeps them when its parameters change', async () => {
    const { said, report } = await run('graph', { devices }, ptx);
    expect(said).toEqual({ replayed: '10101010', patched: '20202020' });
    expect(report.findings).toEqual([]);
  });
});
