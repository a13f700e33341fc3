import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble, compileCuda, fetchToolkit } from '@halyard/simulator';
import { afterEach, describe, expect, it, vi } from 'vitest';

const scale = `#include <cuda_fp16.h>
extern "C" __global__ void scale(const __half* from, float* to) {
  __shared__ float row[64];
  row[threadIdx.x] = __half2float(from[threadIdx.x]);
  __syncthreads();
  to[threadIdx.x] = row[63 - threadIdx.x];
}`;

describe('the toolkit', () => {
  it.each([
    ['11', 'sm_80'],
    ['12', 'sm_70'],
    ['13', 'sm_75'],
    ['13', 'sm_90a'],
    ['13', 'sm_120'],
  ] as const)(
    'of CUDA %s compiles with the headers for %s, and ptxas says what the kernel needs',
    async (major, architecture) => {
      const toolkit = await fetchToolkit(major);
      const { ptx } = await compileCuda(toolkit, scale, { architecture });
      expect(ptx).toContain(`.target ${architecture}`);
      expect(ptx).toContain('.entry scale(');
      const { kernels } = await assemble(toolkit, ptx, architecture);
      expect(Object.keys(kernels)).toEqual(['scale']);
      expect(kernels.scale).toMatchObject({ sharedBytes: 256, spillStoreBytes: 0, spillLoadBytes: 0, stackBytes: 0 });
      expect(kernels.scale!.registers).toBeGreaterThan(3);
      expect(kernels.scale!.registers).toBeLessThan(64);
    },
  );

  it('passes options on to NVRTC', async () => {
    const toolkit = await fetchToolkit('13');
    const source = 'extern "C" __global__ void put(int* to) { *to = NUMBER; }';
    const { ptx } = await compileCuda(toolkit, source, { architecture: 'sm_80', options: ['-DNUMBER=4711'] });
    expect(ptx).toContain('4711');
  });

  it('says what does not compile, and where', async () => {
    const toolkit = await fetchToolkit('13');
    const compiled = compileCuda(toolkit, 'extern "C" __global__ void f() {\n  nowhere();\n}', {
      architecture: 'sm_80',
    });
    await expect(compiled).rejects.toMatchObject({
      code: 'bad-argument',
      details: { found: expect.stringMatching(/source\.cu\(2\): error: identifier "nowhere" is undefined/) },
    });
  });

  it('says what does not assemble', async () => {
    const toolkit = await fetchToolkit('13');
    await expect(assemble(toolkit, '.version 8.0\n.target sm_80\nnonsense', 'sm_80')).rejects.toMatchObject({
      code: 'bad-argument',
      details: { found: expect.stringContaining('kernel.ptx') },
    });
  });
});

describe('what was compiled before', () => {
  let folder = '';
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });

  it('comes from the cache, and is compiled anew when the entry is damaged', async () => {
    const toolkit = await fetchToolkit('13');
    folder = await mkdtemp(join(tmpdir(), 'halyard-cache-'));
    vi.stubEnv('HALYARD_CACHE', folder);
    const compile = () => compileCuda(toolkit, scale, { architecture: 'sm_80' });
    const first = await compile();
    const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.json'));
    expect(files).toHaveLength(1);
    const path = join(folder, files[0]!);
    const entry = await readFile(path, 'utf8');

    await writeFile(path, entry.replace('.target sm_80', '.target sm_75'));
    expect(await compile()).toEqual(first);
    expect(await readFile(path, 'utf8')).toBe(entry);

    // No compiler is there any more: what is kept is enough.
    const gone = { ...toolkit, nvrtc: '/nonexistent/libnvrtc.so' };
    expect(await compileCuda(gone, scale, { architecture: 'sm_80' })).toEqual(first);
    await writeFile(path, entry.slice(0, 100));
    await expect(compileCuda(gone, scale, { architecture: 'sm_80' })).rejects.toMatchObject({
      code: 'simulator:no-compiler',
    });
  });

  it('needs Python, and says so', async () => {
    folder = await mkdtemp(join(tmpdir(), 'halyard-cache-'));
    vi.stubEnv('HALYARD_CACHE', folder);
    vi.stubEnv('PATH', folder);
    await expect(fetchToolkit('13')).rejects.toMatchObject({ code: 'simulator:no-pip' });
    expect(await readdir(join(folder, 'toolkit'))).toEqual([]);
  });

  it('cannot be fetched where pip reaches no index, and pip’s words are in the error', async () => {
    folder = await mkdtemp(join(tmpdir(), 'halyard-cache-'));
    vi.stubEnv('HALYARD_CACHE', folder);
    vi.stubEnv('PIP_NO_INDEX', '1');
    vi.stubEnv('PIP_FIND_LINKS', folder);
    await expect(fetchToolkit('12')).rejects.toMatchObject({
      code: 'simulator:no-toolkit',
      details: { found: expect.stringContaining('nvidia-cuda-nvrtc-cu12') },
    });
  });
});
