import { compileCuda, fetchToolkit } from '@halyard/simulator';
import { expect, it } from 'vitest';
import { hopper } from '../execution/hopper.js';
import { driverProgram } from './driver-program.js';

const { run } = driverProgram('tiles');

/** Sums a box of 32 × 8 numbers of which half the columns and half the rows lie outside of the tensor. */
const kernel = `${hopper} extern "C" __global__ void sum(const __grid_constant__ TensorMap map, float* to) {
  __shared__ alignas(1024) float s[256]; __shared__ u64 barrier;
  if (threadIdx.x == 0) {
    barrier_init(&barrier, 1); fence_proxy(); barrier_expect(&barrier, 1024); tile_load(s, &map, 24, 16, &barrier);
  }
  __syncwarp();
  barrier_wait(&barrier, 0);
  float total = 0;
  for (int i = 0; i < 8; ++i) total += s[threadIdx.x + 32 * i];
  for (int i = 16; i > 0; i /= 2) total += __shfl_xor_sync(~0u, total, i);
  if (threadIdx.x == 0) *to = total;
}`;

it('a program encodes tensor maps, passes one to a kernel for sm_90a on sm_90, and is told what is wrong with others', async () => {
  const { ptx } = await compileCuda(await fetchToolkit('13'), kernel, { architecture: 'sm_90a' });
  const { said, status, report } = await run('tile', { devices: [{ architecture: 'sm_90' }] }, ptx);
  expect(status).toBe(0);
  // 16 columns and 4 rows of twos; a stride that is no multiple of 16 bytes; what the stand-in does not simulate.
  expect(said).toEqual({
    misaligned_stride: 'CUDA_ERROR_INVALID_VALUE',
    filled_with_nan: 'CUDA_ERROR_NOT_SUPPORTED',
    sum: '128',
  });
  expect(report.findings).toMatchObject([
    { kind: 'invalid-tensor-map', explanation: 'a stride of 164 bytes' },
    { kind: 'invalid-tensor-map', explanation: expect.stringContaining('fills with NaN') },
  ]);
  const other = await run('tile', { devices: [{ architecture: 'sm_100' }] }, ptx);
  expect(other.said.failed).toBe('CUDA_ERROR_NO_BINARY_FOR_GPU');
});
