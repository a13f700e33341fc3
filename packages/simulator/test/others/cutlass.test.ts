import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromHalf, noise, toHalf } from '../execution/programs.js';
import { Launcher, type Outcome } from './launcher.js';
import { compileOthers, type Edit } from './packages.js';

/** A kernel of CUTLASS for c = a · b; the entry around it makes its parameters. */
const gemm = (element: string, columnB: boolean, kind: string, tile: string, instruction: string, stages: number) => `
#include "cutlass/epilogue/thread/linear_combination.h"
#include "cutlass/gemm/kernel/default_gemm.h"
#include "cutlass/gemm/threadblock/threadblock_swizzle.h"
using Element = ${element};
using cutlass::gemm::GemmShape;
using Swizzle = cutlass::gemm::threadblock::GemmIdentityThreadblockSwizzle<1>;
using Output = cutlass::epilogue::thread::LinearCombination<float, ${columnB ? 4 : 1}, float, float>;
using Row = cutlass::layout::RowMajor;
using Gemm = cutlass::gemm::kernel::DefaultGemm<
    Element, Row, ${columnB ? 8 : 1}, Element, ${columnB ? 'cutlass::layout::ColumnMajor, 8' : 'Row, 1'}, float, Row, float,
    cutlass::arch::${kind}, GemmShape<64, 64, ${tile}>, GemmShape<32, 32, ${tile}>, GemmShape<${instruction}>,
    Output, Swizzle, ${stages}, false, cutlass::arch::OpMultiplyAdd>::GemmKernel;

extern "C" __global__ void product(int m, int n, int k, Element* a, Element* b, float* c) {
  extern __shared__ __align__(16) char memory[];
  const cutlass::gemm::GemmCoord size(m, n, k);
  const Gemm::Params parameters(size, Swizzle{}.get_tiled_shape(size, {64, 64, ${tile}}, 1), {a, k}, {b, ${columnB ? 'k' : 'n'}},
                                {c, n}, {c, n}, {1.0f, 0.0f});
  Gemm{}(parameters, *reinterpret_cast<Gemm::SharedStorage*>(memory));
}`;

const tiled = gemm('float', false, 'OpClassSimt, cutlass::arch::Sm70', '8', '1, 1, 1', 2);
const wmma = gemm('cutlass::half_t', true, 'OpClassWmmaTensorOp, cutlass::arch::Sm70', '32', '16, 16, 16', 2);
const multistage = gemm('cutlass::half_t', true, 'OpClassTensorOp, cutlass::arch::Sm80', '32', '16, 8, 16', 3);

const transpose = `
#define cudaStream_t void*
#include "cutlass/util/device_nchw_to_nhwc.h"
template __global__ void cutlass::nchw_to_nhwc_kernel<float>(float*, const float*, int, int, int, int);`;

// Whole tiles, and more of them along k than stages: at edges, and behind the end, CUTLASS reads parts of stages that it
// left alone, and does not use what it read.
const [m, n, k] = [128, 128, 104];
const [a, b] = [noise(m * k, 1), noise(k * n, 2)];

/** b is by columns where it is of halves. */
function expectedProduct(left: ArrayLike<number>, right: ArrayLike<number>, byColumns: boolean): Float64Array {
  return Float64Array.from({ length: m * n }, (_, i) => {
    const [row, column] = [Math.floor(i / n), i % n];
    let total = 0;
    for (let j = 0; j < k; ++j) total += left[row * k + j]! * right[byColumns ? column * k + j : j * n + column]!;
    return total;
  });
}

function expectClose(found: Float32Array, expected: Float64Array, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  expect(Math.max(...found.map((x, i) => Math.abs(x - expected[i]!)))).toBeLessThan(tolerance);
}

describe('kernels of CUTLASS, launched through the driver API', () => {
  let launcher: Launcher;
  beforeAll(async () => {
    launcher = await Launcher.build();
  }, 300_000);
  afterAll(() => launcher?.remove());

  async function multiply(source: string, halves: boolean, edit?: Edit): Promise<Outcome> {
    return launcher.run({
      modules: [await compileOthers(source, [], edit)],
      buffers: { a: halves ? toHalf(a) : a, b: halves ? toHalf(b) : b, c: 4 * m * n },
      launches: [
        {
          kernel: 'product',
          grid: [2, 2, 1],
          block: [128, 1, 1],
          sharedBytes: 48 * 1024,
          arguments: [{ int: m }, { int: n }, { int: k }, 'a', 'b', 'c'],
        },
      ],
    });
  }

  const [images, height, width, channels] = [2, 5, 10, 40];
  const pixels = height * width;
  const picture = noise(images * channels * pixels, 3);

  async function turn(edit?: Edit): Promise<Outcome> {
    const ptx = await compileOthers(transpose, [], edit);
    const kernel = /\.entry (\w*nchw_to_nhwc_kernel\w*)/.exec(ptx)?.[1];
    expect(kernel).toBeDefined();
    const sizes = [images, height, width, channels].map((int) => ({ int }));
    return launcher.run({
      modules: [ptx],
      buffers: { from: picture, to: picture.byteLength },
      launches: [
        {
          kernel: kernel!,
          grid: [Math.ceil(pixels / 32), Math.ceil(channels / 32), images],
          block: [32, 8, 1],
          arguments: ['to', 'from', ...sizes],
        },
      ],
    });
  }

  it('multiply matrices by tiles in shared memory', async () => {
    const outcome = await multiply(tiled, false);
    expect(outcome).toMatchObject({ result: 'CUDA_SUCCESS', report: { findings: [] } });
    expectClose(await outcome.floats('c'), expectedProduct(a, b, false), 5e-5);
  });

  it.each([
    ['wmma', wmma],
    ['mma.sync, fed by cp.async in three stages', multistage],
  ])('multiply matrices of halves with %s', async (_, source) => {
    const outcome = await multiply(source, true);
    expect(outcome).toMatchObject({ result: 'CUDA_SUCCESS', report: { findings: [] } });
    const half = (values: Float32Array) => Array.from(toHalf(values), fromHalf);
    expectClose(await outcome.floats('c'), expectedProduct(half(a), half(b), true), 2e-4);
    expect(outcome.report.launches[0]!.counters.matrixMultiplyAdds.float16).toBe(4 * 64 * 64 * 128);
  });

  it('transpose tensors', async () => {
    const outcome = await turn();
    expect(outcome).toMatchObject({ result: 'CUDA_SUCCESS', report: { findings: [] } });
    const expected = picture.map((_, i) => {
      const [image, pixel, channel] = [
        Math.floor(i / channels / pixels),
        Math.floor(i / channels) % pixels,
        i % channels,
      ];
      return picture[(image * channels + channel) * pixels + pixel]!;
    });
    expect(await outcome.floats('to')).toEqual(expected);
  });

  describe('with a fault planted', () => {
    const transposer = { folder: 'tools/util/include', header: 'cutlass/util/device_nchw_to_nhwc.h' } as const;

    it('a barrier removed: shared memory is read that nobody wrote, and written when others have read it', async () => {
      const { report } = await turn({ ...transposer, found: '__syncthreads();', replaced: '' });
      const kinds = new Set(report.findings.map((finding) => finding.kind));
      expect(kinds).toEqual(new Set(['uninitialized-read', 'shared-memory-race']));
      for (const { kernel, source } of report.findings) {
        expect(kernel).toContain('nchw_to_nhwc_kernel');
        expect(source).toMatch(/device_nchw_to_nhwc\.h:\d+$/);
      }
    });

    it('an index past the end, with the line that does it', async () => {
      const edit = { ...transposer, found: 'if (hwi0 + lid < hw) {', replaced: 'if (hwi0 + lid <= hw) {' };
      const { result, report } = await turn(edit);
      expect(result).toBe('CUDA_ERROR_ILLEGAL_ADDRESS');
      const past = report.findings.find((finding) => finding.kind === 'out-of-bounds');
      expect(past).toMatchObject({ isError: true, bytes: 4, instruction: expect.stringMatching(/^ld\.global/) });
      expect(past?.explanation).toContain(`0 bytes behind the end of one of ${picture.byteLength} bytes`);
      expect(past?.source).toMatch(/device_nchw_to_nhwc\.h:\d+$/);
    });

    it('copies not waited for', async () => {
      const { report } = await multiply(multistage, true, {
        folder: 'include',
        header: 'cutlass/gemm/threadblock/mma_multistage.h',
        found: 'cutlass::arch::cp_async_wait<Base::kStages - 2>();',
        replaced: '',
      });
      const found = report.findings.find((finding) => finding.kind === 'copy-not-waited-for');
      expect(found).toMatchObject({ kernel: 'product', instruction: expect.stringMatching(/^ldmatrix/) });
      expect(found?.source).toMatch(/\.h(pp)?:\d+$/);
    });
  });
}, 300_000);
