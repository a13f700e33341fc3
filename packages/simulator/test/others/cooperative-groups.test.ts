import { join } from 'node:path';
import { compileCuda, fetchToolkit } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { int, Program, type Start } from '../execution/programs.js';
import { cudaCoreLibraries } from './packages.js';

describe('a histogram in distributed shared memory, by cooperative groups', () => {
  const source = `#include <cooperative_groups.h>
    namespace groups = cooperative_groups;
    extern "C" __global__ void histogram(const int* values, int count, int* bins, int per_block) {
      extern __shared__ int own[];
      groups::cluster_group cluster = groups::this_cluster();
      for (int i = threadIdx.x; i < per_block; i += blockDim.x) own[i] = 0;
      cluster.sync(); // all bins are empty
      for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x)
        atomicAdd(cluster.map_shared_rank(own, values[i] / per_block) + values[i] % per_block, 1);
      cluster.sync(); // all values are counted
      for (int i = threadIdx.x; i < per_block; i += blockDim.x)
        atomicAdd(bins + cluster.block_rank() * per_block + i, own[i]);
    }`;
  const [count, bins, clusterBlocks] = [4000, 64, 4];
  const values = Int32Array.from({ length: count }, (_, i) => (i * i * 7 + i) % bins);

  async function histogram(text: string) {
    const options = [`--include-path=${join(await cudaCoreLibraries(), 'cccl')}`];
    const { ptx } = await compileCuda(await fetchToolkit('13'), text, { architecture: 'sm_90', options });
    const program = new Program(ptx, 'sm_90');
    const out = program.put(new Int32Array(bins));
    const perBlock = bins / clusterBlocks;
    const start: Start = { grid: [8], block: [96], cluster: [clusterBlocks], shared: 4 * perBlock };
    const result = await program.run('histogram', start, program.put(values), int(count), out, int(perBlock));
    return { ...result, bins: [...program.integers(out, bins)] };
  }

  it('counts what there is', async () => {
    const expected = Array(bins).fill(0);
    for (const value of values) expected[value]++;
    expect(await histogram(source)).toMatchObject({ error: null, findings: [], bins: expected });
  });

  it.each([
    ['all bins are empty', 'block-not-running'],
    ['all values are counted', 'shared-memory-race'],
  ])('is found out without the barrier behind which %s', async (comment, kind) => {
    const { findings } = await histogram(source.replace(new RegExp(`cluster.sync\\(\\); // ${comment}`), ''));
    expect(findings.map((finding) => finding.kind)).toContain(kind);
  });
});
