import { compileCuda, fetchToolkit } from '@halyard/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Launcher } from '../others/launcher.js';

const library = `
__device__ int limit = 40;
static __device__ int secret = 100;
__device__ int shifted(int x) { return x + secret; }
template <class T> __device__ __noinline__ T least(T a, T b) { return a < b ? a : b; }
__device__ int bounded(int x) { return least(x, limit); }`;

const program = `
extern __device__ int limit;
extern __device__ int shifted(int);
extern __device__ int bounded(int);
static __device__ int secret = 1000;
template <class T> __device__ __noinline__ T least(T a, T b) { return a < b ? a : b; }
extern "C" __global__ void work(int* out) {
  const int i = threadIdx.x;
  out[i] = bounded(i) + shifted(secret) + least(i, 3) + limit;
}`;

const relocatable = async (source: string) =>
  (
    await compileCuda(await fetchToolkit('13'), source, {
      architecture: 'sm_80',
      options: ['--relocatable-device-code=true'],
    })
  ).ptx;

describe('the linker in the driver', () => {
  let launcher: Launcher;
  beforeAll(async () => {
    launcher = await Launcher.build();
  }, 60_000);
  afterAll(() => launcher?.remove());

  const job = (modules: readonly string[]) => ({
    modules,
    buffers: { out: 256 },
    launches: [{ kernel: 'work', block: [64, 1, 1] as const, arguments: ['out'] }],
  });

  it('joins texts of PTX: what one declares another defines, and what is static stays its own', async () => {
    const texts = [await relocatable(program), await relocatable(library)];
    for (const modules of [texts, texts.toReversed()]) {
      const outcome = await launcher.run(job(modules));
      expect(outcome).toMatchObject({ result: 'CUDA_SUCCESS', log: '', report: { findings: [] } });
      const expected = Int32Array.from({ length: 64 }, (_, i) => Math.min(i, 40) + 1100 + Math.min(i, 3) + 40);
      expect(await outcome.integers('out')).toEqual(expected);
    }
  });

  it('says what is defined nowhere, and what is defined twice', async () => {
    const [one, other] = [await relocatable(program), await relocatable(library)];
    const missing = await launcher.run(job([one, await relocatable('__device__ int limit;')]));
    expect(missing.result).toBe('CUDA_ERROR_INVALID_PTX');
    expect(missing.log).toMatch(/PTX line \d+: '_Z\w*(shifted|bounded)\w*' is defined nowhere/);
    const twice = await launcher.run(job([one, other, other]));
    expect(twice.result).toBe('CUDA_ERROR_INVALID_PTX');
    expect(twice.log).toMatch(/'\w+' is defined more than once/);
  });
});
