import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Launcher, type Outcome } from './launcher.js';
import { compileOthers } from './packages.js';

// The algorithms are CUB's, in device code as it is released; the kernels around them only say what they work on.
const source = `
#include <cub/agent/agent_scan.cuh>
#include <cub/block/block_histogram.cuh>
#include <cub/block/block_merge_sort.cuh>
#include <cub/block/block_radix_sort.cuh>
#include <cub/block/block_reduce.cuh>
#include <cub/warp/warp_reduce.cuh>
#include <cuda/std/functional>

extern "C" __global__ void warp_sums(const float* in, float* sums) {
  using Reduce = cub::WarpReduce<float>;
  __shared__ Reduce::TempStorage storage[4];
  const float sum = Reduce(storage[threadIdx.x / 32]).Sum(in[threadIdx.x]);
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = sum;
}

extern "C" __global__ void block_sum(const float* in, float* sum) {
  using Reduce = cub::BlockReduce<float, 256>;
  __shared__ Reduce::TempStorage storage;
  const float total = Reduce(storage).Sum(in[threadIdx.x]);
  if (threadIdx.x == 0) *sum = total;
}

// Over all blocks: each looks back at what those before it have published.
using Policy = cub::AgentScanPolicy<128, 4, int, cub::BLOCK_LOAD_WARP_TRANSPOSE, cub::LOAD_DEFAULT,
                                    cub::BLOCK_STORE_WARP_TRANSPOSE, cub::BLOCK_SCAN_WARP_SCANS>;
using Agent = cub::detail::scan::AgentScan<Policy, const int*, int*, cuda::std::plus<>, int, unsigned, int, false>;

extern "C" __global__ void scan_start(void* memory, int tiles) {
  cub::ScanTileState<int> state;
  state.Init(tiles, memory, 1 << 20);
  state.InitializeStatus(tiles);
}

extern "C" __global__ void scan(const int* in, int* out, void* memory, int tiles, unsigned count) {
  __shared__ Agent::TempStorage storage;
  cub::ScanTileState<int> state;
  state.Init(tiles, memory, 1 << 20);
  Agent(storage, in, out, cuda::std::plus<>{}, 100).ConsumeRange(count, state, 0);
}

extern "C" __global__ void histogram(const unsigned char* in, unsigned* bins) {
  using Histogram = cub::BlockHistogram<unsigned char, 128, 4, 256, cub::BLOCK_HISTO_ATOMIC>;
  __shared__ Histogram::TempStorage storage;
  __shared__ unsigned counts[256];
  unsigned char items[4];
  for (int i = 0; i < 4; ++i) items[i] = in[threadIdx.x * 4 + i];
  Histogram(storage).Histogram(items, counts);
  __syncthreads();
  for (int i = threadIdx.x; i < 256; i += 128) bins[i] = counts[i];
}

template <class Sort> __device__ void sort(int* data, Sort&& sort) {
  int keys[4];
  for (int i = 0; i < 4; ++i) keys[i] = data[threadIdx.x * 4 + i];
  sort(keys);
  for (int i = 0; i < 4; ++i) data[threadIdx.x * 4 + i] = keys[i];
}
extern "C" __global__ void radix_sort(int* data) {
  __shared__ cub::BlockRadixSort<int, 128, 4>::TempStorage storage;
  sort(data, [](int (&keys)[4]) { cub::BlockRadixSort<int, 128, 4>(storage).Sort(keys); });
}
extern "C" __global__ void merge_sort(int* data) {
  __shared__ cub::BlockMergeSort<int, 128, 4>::TempStorage storage;
  sort(data, [](int (&keys)[4]) { cub::BlockMergeSort<int, 128, 4>(storage).Sort(keys, cuda::std::less<>{}); });
}`;

const random = Int32Array.from({ length: 512 }, (_, i) => Math.imul(i + 1, 0x9e3779b9) >> 8);
const fractions = Float32Array.from(random.subarray(0, 256), (x) => x / 2 ** 23);
const scanned = 1500;
const tiles = Math.ceil(scanned / 512);
const addends = Int32Array.from({ length: scanned }, (_, i) => (i * 7919) % 101);

const sum = (values: Float32Array) => values.reduce((total, x) => total + x, 0);

describe('the algorithms of CUB, launched through the driver API', () => {
  let launcher: Launcher;
  let outcome: Outcome;

  beforeAll(async () => {
    launcher = await Launcher.build();
    const block = (threads: number) => [threads, 1, 1] as const;
    outcome = await launcher.run({
      modules: [await compileOthers(source)],
      buffers: {
        fractions,
        warpSums: 16,
        blockSum: 4,
        addends,
        prefixes: 4 * scanned,
        states: new Uint8Array(1 << 12),
        bytes: Uint8Array.from(random, (x) => x & 255),
        bins: 1024,
        radix: random,
        merge: random,
      },
      launches: [
        { kernel: 'warp_sums', block: block(128), arguments: ['fractions', 'warpSums'] },
        { kernel: 'block_sum', block: block(256), arguments: ['fractions', 'blockSum'] },
        { kernel: 'scan_start', block: block(128), arguments: ['states', { int: tiles }] },
        {
          kernel: 'scan',
          grid: [tiles, 1, 1],
          block: block(128),
          arguments: ['addends', 'prefixes', 'states', { int: tiles }, { int: scanned }],
        },
        { kernel: 'histogram', block: block(128), arguments: ['bytes', 'bins'] },
        { kernel: 'radix_sort', block: block(128), arguments: ['radix'] },
        { kernel: 'merge_sort', block: block(128), arguments: ['merge'] },
      ],
    });
  }, 300_000);
  afterAll(() => launcher?.remove());

  it('run with no finding but one of theirs: merging reads, and does not use, the place behind the last key', () => {
    expect(outcome.result).toBe('CUDA_SUCCESS');
    expect(outcome.report.findings).toMatchObject([
      {
        kind: 'uninitialized-read',
        isError: false,
        kernel: 'merge_sort',
        source: expect.stringMatching(/cub\/block\/block_merge_sort\.cuh:\d+$/),
      },
    ]);
    expect(outcome.report.launchCount).toBe(7);
  });

  it('reduce by shuffles, within warps and over a block', async () => {
    const sums = await outcome.floats('warpSums');
    for (let warp = 0; warp < 4; ++warp)
      expect(sums[warp]).toBeCloseTo(sum(fractions.subarray(32 * warp, 32 * warp + 32)), 4);
    expect((await outcome.floats('blockSum'))[0]).toBeCloseTo(sum(fractions), 3);
    expect(outcome.report.launches[0]!.counters.warpInstructions.exchange).toBeGreaterThan(0);
  });

  it('scan over several blocks, one looking back at the others', async () => {
    let running = 100;
    const expected = addends.map((x) => (running += x) - x);
    expect(await outcome.integers('prefixes')).toEqual(expected);
  });

  it('count a histogram with atomics', async () => {
    const expected = new Int32Array(256);
    for (const x of random) expected[x & 255]! += 1;
    expect(await outcome.integers('bins')).toEqual(expected);
    expect(outcome.report.launches[4]!.counters.warpInstructions.atomic).toBeGreaterThan(0);
  });

  it('sort by radix and by merging', async () => {
    const expected = random.slice().sort();
    expect(await outcome.integers('radix')).toEqual(expected);
    expect(await outcome.integers('merge')).toEqual(expected);
  });
});
