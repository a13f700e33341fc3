import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noise } from '../execution/programs.js';
import { Launcher, type Outcome } from './launcher.js';
import { compileOthers } from './packages.js';

/** What the kernels wait with; each may be left out. */
const waits = {
  group: 'cg::wait(block);',
  pipeline: 'pipeline.consumer_wait();',
  barrier: 'barrier.arrive_and_wait();',
} as const;

// Groups, pipelines and barriers are NVIDIA's, as the toolkit and CCCL have them; the kernels are in the manner of the
// CUDA C++ programming guide.
const source = (left: Readonly<Record<keyof typeof waits, string>>) => `
#pragma nv_diag_suppress static_var_with_dynamic_init
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>
#include <cuda/barrier>
#include <cuda/pipeline>
namespace cg = cooperative_groups;
constexpr auto block_scope = cuda::thread_scope_block;

extern "C" __global__ void tiles(const float* in, float* sums, int* prefixes) {
  const auto block = cg::this_thread_block();
  const auto tile = cg::tiled_partition<16>(block);
  const int i = block.thread_rank();
  const float sum = cg::reduce(tile, in[i], cg::plus<float>());
  if (tile.thread_rank() == 0) sums[tile.meta_group_rank()] = sum;
  prefixes[i] = cg::exclusive_scan(tile, i);
}

extern "C" __global__ void group_copy(const float* in, float* out) {
  __shared__ alignas(16) float s[512];
  const auto block = cg::this_thread_block();
  cg::memcpy_async(block, s, in, sizeof s);
  ${left.group}
  for (int i = block.thread_rank(); i < 512; i += block.size()) out[i] = s[511 - i];
}

extern "C" __global__ void pipelined(const float* in, float* out, int batches) {
  constexpr int stages = 2;
  __shared__ alignas(16) float s[stages][128];
  __shared__ cuda::pipeline_shared_state<block_scope, stages> state;
  const auto block = cg::this_thread_block();
  auto pipeline = cuda::make_pipeline(block, &state);
  for (int next = 0, batch = 0; batch < batches; ++batch) {
    for (; next < batches && next < batch + stages; ++next) {
      pipeline.producer_acquire();
      cuda::memcpy_async(block, s[next % stages], in + 128 * next, cuda::aligned_size_t<16>(sizeof s[0]), pipeline);
      pipeline.producer_commit();
    }
    ${left.pipeline}
    out[128 * batch + block.thread_rank()] = s[batch % stages][127 - block.thread_rank()];
    pipeline.consumer_release();
  }
}

extern "C" __global__ void barrier_copy(const float* in, float* out) {
  __shared__ alignas(16) float s[512];
  __shared__ cuda::barrier<block_scope> barrier;
  const auto block = cg::this_thread_block();
  if (block.thread_rank() == 0) init(&barrier, block.size());
  block.sync();
  cuda::memcpy_async(block, s, in, cuda::aligned_size_t<16>(sizeof s), barrier);
  ${left.barrier}
  for (int i = block.thread_rank(); i < 512; i += block.size()) out[i] = s[511 - i];
}`;

const values = noise(512, 1);
const reversed = (length: number) => values.map((_, i) => values[i - (i % length) + length - 1 - (i % length)]!);

describe.each(['sm_80', 'sm_90'])(
  'cooperative groups, pipelines and barriers on %s',
  (architecture) => {
    let launcher: Launcher;
    beforeAll(async () => {
      launcher = await Launcher.build();
    }, 60_000);
    afterAll(() => launcher?.remove());

    async function run(left: Parameters<typeof source>[0], ...kernels: readonly string[]): Promise<Outcome> {
      const given: Readonly<Record<string, readonly (string | { int: number })[]>> = {
        tiles: ['in', 'sums', 'prefixes'],
        group_copy: ['in', 'copied'],
        pipelined: ['in', 'piped', { int: 4 }],
        barrier_copy: ['in', 'behind'],
      };
      const ptx = await compileOthers(source(left), [], undefined, architecture);
      return launcher.run({
        architecture,
        modules: [ptx],
        buffers: { in: values, sums: 32, prefixes: 512, copied: 2048, piped: 2048, behind: 2048 },
        launches: kernels.map((kernel) => ({ kernel, block: [128, 1, 1], arguments: given[kernel]! })),
      });
    }

    it('give right results, with no finding', async () => {
      const outcome = await run(waits, 'tiles', 'group_copy', 'pipelined', 'barrier_copy');
      expect(outcome).toMatchObject({ result: 'CUDA_SUCCESS', report: { findings: [] } });
      const sums = await outcome.floats('sums');
      for (let tile = 0; tile < 8; ++tile) {
        const sum = values.subarray(16 * tile, 16 * tile + 16).reduce((total, x) => total + x, 0);
        expect(sums[tile]).toBeCloseTo(sum, 5);
      }
      const prefix = (i: number) => Array.from({ length: i % 16 }, (_, j) => i - 1 - j).reduce((sum, x) => sum + x, 0);
      expect(await outcome.integers('prefixes')).toEqual(Int32Array.from({ length: 128 }, (_, i) => prefix(i)));
      expect(await outcome.floats('copied')).toEqual(reversed(512));
      expect(await outcome.floats('piped')).toEqual(reversed(128));
      expect(await outcome.floats('behind')).toEqual(reversed(512));
    });

    it.each([
      ['group', 'group_copy'],
      ['pipeline', 'pipelined'],
      ['barrier', 'barrier_copy'],
    ] as const)('are found wrong where nobody waits for the copy of a %s', async (what, kernel) => {
      const { report } = await run({ ...waits, [what]: '' }, kernel);
      const found = report.findings.find((finding) => finding.kind === 'copy-not-waited-for');
      expect(found).toMatchObject({ kernel, instruction: expect.stringMatching(/^ld\.shared/) });
    });
  },
  300_000,
);
