import { encodeTensorMap, type KernelArgument } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { hopper, type Product, productFunction } from './hopper.js';
import { bytesOf, descriptor, encode, layoutOf, type MatrixType, type Swizzle } from './matrix-layouts.js';
import { deviceWith, fromHalf, int } from './programs.js';

interface Case extends Product {
  readonly a: MatrixType;
  readonly b?: MatrixType;
  readonly swizzle?: Swizzle;
}

/** Copies operands into shared memory as they are, multiplies once or twice, and stores what lanes hold of D. */
const kernel = (product: Product) => {
  const half = product.d === 'f16';
  const type = product.d === 'f32' ? 'float' : 'u32';
  const count = half ? product.n / 4 : product.n / 2;
  const place = half
    ? `out[(row + 8 * (i & 1)) * ${product.n / 2} + 4 * (i >> 1) + lane % 4] = d[i];`
    : `out[(row + 8 * (i >> 1 & 1)) * ${product.n} + 8 * (i >> 2) + 2 * (lane % 4) + (i & 1)] = d[i];`;
  const a = product.inRegisters
    ? 'u32 a[4]; for (int i = 0; i < 4; ++i) a[i] = rows[(row + 8 * (i & 1)) * 8 + 4 * (i >> 1) + lane % 4];'
    : 'const u64 a = ad + base;';
  return `${hopper} ${productFunction(product)}
  extern "C" __global__ void multiply(const char* image, int bytes, const u32* rows, u64 ad, u64 bd, int times,
                                      ${type}* out) {
    extern __shared__ __align__(1024) char memory[];
    __shared__ u64 barrier;
    const int lane = threadIdx.x % 32, row = threadIdx.x / 32 * 16 + lane / 4;
    if (threadIdx.x == 0) { barrier_init(&barrier, 1); fence_init(); }
    __syncthreads();
    if (threadIdx.x == 0) { barrier_expect(&barrier, bytes); bulk_load(memory, image, bytes, &barrier); }
    barrier_wait(&barrier, 0);
    const u64 base = shared_address(memory) >> 4;
    ${a}
    ${type} d[${count}];
    for (int i = 0; i < ${count}; ++i) d[i] = ${product.d === 'f32' ? '100.0f' : '0x44004400'};
    products_fence();
    for (int t = 0; t < times; ++t) product(d, a, bd + base, t > 0);
    products_commit();
    products_wait();
    for (int i = 0; i < ${count}; ++i) ${place}
  }`;
};

/** Small numbers that every type has, the same each time; some are halves where there are such. */
function matrix(count: number, type: MatrixType, seed: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const value = (state >>> 24) % 9;
    if (type === 'u8') return value * 20;
    return type === 's8' ? value * 20 - 80 : (value - 4) / 2;
  });
}

async function multiply(product: Case, times = 1) {
  const { n, k, d, a, b = a, swizzle = 128, transposed = [false, false], signs = [1, 1] } = product;
  const program = await deviceWith(kernel(product), 'sm_90a');
  const left = matrix(64 * k, a, 3);
  const right = matrix(k * n, b, 7);
  const image = new Uint8Array(98304);
  const start = 65536;
  const layouts = [layoutOf(a, swizzle, transposed[0]), layoutOf(b, swizzle, transposed[1])] as const;
  const rows = new Uint8Array(64 * 32);
  for (let m = 0; m < 64; ++m)
    for (let i = 0; i < k; ++i) {
      const bytes = encode(a, left[m * k + i]!);
      image.set(bytes, layouts[0].place(m, i));
      rows.set(bytes, m * 32 + i * bytesOf[a]);
    }
  for (let j = 0; j < n; ++j)
    for (let i = 0; i < k; ++i) image.set(encode(b, right[i * n + j]!), start + layouts[1].place(j, i));
  const out = program.room(64 * n * (d === 'f16' ? 2 : 4));
  const values: KernelArgument[] = [
    program.put(image),
    int(image.length),
    program.put(rows),
    descriptor(layouts[0], swizzle, 0),
    descriptor(layouts[1], swizzle, start),
    int(times),
    out,
  ];
  const result = await program.run('multiply', { block: [128], shared: image.length }, ...values);
  expect(result).toMatchObject({ error: null, message: '', findings: [] });
  const found =
    d === 'f32'
      ? [...program.floats(out, 64 * n)]
      : d === 's32'
        ? [...program.integers(out, 64 * n)]
        : Array.from(new Uint16Array(program.device.read(out, 128 * n)), fromHalf);
  const expected = Array.from({ length: 64 * n }, (_, at) => {
    let sum = 0;
    for (let i = 0; i < k; ++i) sum += left[Math.floor(at / n) * k + i]! * right[i * n + (at % n)]!;
    return sum * times * signs[0] * signs[1] + 0;
  });
  expect(found.map((value) => value + 0)).toEqual(expected);
  return result.counters;
}

describe('wgmma.mma_async', () => {
  it.each([0, 32, 64, 128] as const)('reads matrices of rows along K with a swizzle of %i bytes', async (swizzle) => {
    await multiply({ n: 64, k: 16, d: 'f32', a: 'f16', swizzle });
  });

  it.each([0, 32, 64, 128] as const)('reads transposed matrices with a swizzle of %i bytes', async (swizzle) => {
    await multiply({ n: 128, k: 16, d: 'f32', a: 'bf16', swizzle, transposed: [true, true] });
  });

  it.each([
    { n: 256, k: 16, d: 'f32', a: 'f16' },
    { n: 8, k: 16, d: 'f16', a: 'f16' },
    { n: 40, k: 8, d: 'f32', a: 'tf32' },
    { n: 96, k: 32, d: 'f32', a: 'e4m3', b: 'e5m2' },
    { n: 24, k: 32, d: 'f16', a: 'e5m2' },
    { n: 48, k: 32, d: 's32', a: 's8', b: 'u8' },
    { n: 192, k: 32, d: 's32', a: 'u8' },
  ] as const)('multiplies $a into $d, 64 × $n × $k', async (product) => {
    await multiply(product);
  });

  it.each([
    { n: 128, k: 16, d: 'f32', a: 'bf16', inRegisters: true },
    { n: 32, k: 8, d: 'f32', a: 'tf32', inRegisters: true },
    { n: 16, k: 32, d: 's32', a: 's8', inRegisters: true },
  ] as const)('takes A of $a from registers', async (product) => {
    await multiply(product);
  });

  it('adds to D where the predicate says so, and negates', async () => {
    await multiply({ n: 64, k: 16, d: 'f32', a: 'f16', signs: [-1, 1] }, 3);
    await multiply({ n: 64, k: 16, d: 'f16', a: 'f16', signs: [-1, -1] }, 2);
  });

  it('counts multiply-adds, and rounds through the banks without conflicts', async () => {
    const counters = await multiply({ n: 128, k: 16, d: 'f32', a: 'f16' });
    expect(counters.matrixMultiplyAdds.float16).toBe(64 * 128 * 16);
    // 64 × 16 of A and 128 × 16 of B, 128 bytes a round.
    expect(counters.sharedLoadIdealWavefronts).toBe((64 * 32 + 128 * 32) / 128);
    expect(counters.sharedBankConflicts).toBe(0);
    expect(counters.warpInstructions.matrix).toBe(4);
  });
});

describe('a product of matrices in the manner of Hopper', () => {
  const [m, n, k, depth, stages] = [128, 128, 320, 64, 3];
  const source = (kept: number) => `${hopper} ${productFunction({ n, k: 16, d: 'f32', a: 'bf16' })}
  // One warpgroup copies tiles into a ring, two multiply: C = A · B, B given as its columns.
  extern "C" __global__ __launch_bounds__(384) void gemm(const __grid_constant__ TensorMap a,
      const __grid_constant__ TensorMap b, float* c) {
    extern __shared__ __align__(1024) char memory[];
    __shared__ u64 full[${stages}], empty[${stages}];
    const int group = threadIdx.x / 128, bytes_a = ${m * depth * 2}, bytes_b = ${n * depth * 2};
    char* as = memory; char* bs = memory + ${stages} * bytes_a;
    if (threadIdx.x == 0) {
      for (int i = 0; i < ${stages}; ++i) { barrier_init(full + i, 1); barrier_init(empty + i, 2); }
      fence_init();
    }
    __syncthreads();
    if (group == 0) {
      asm volatile("setmaxnreg.dec.sync.aligned.u32 40;");
      asm volatile("griddepcontrol.wait;" ::: "memory");
      if (threadIdx.x < 32 && elect())
        for (int t = 0; t < ${k / depth}; ++t) {
          const int stage = t % ${stages}, turn = t / ${stages};
          barrier_wait(empty + stage, (turn + 1) & 1);
          barrier_expect(full + stage, bytes_a + bytes_b);
          tile_load(as + stage * bytes_a, &a, t * ${depth}, 0, full + stage);
          tile_load(bs + stage * bytes_b, &b, t * ${depth}, 0, full + stage);
        }
    } else {
      asm volatile("setmaxnreg.inc.sync.aligned.u32 232;");
      float d[${n / 2}];
      for (int i = 0; i < ${n / 2}; ++i) d[i] = 0;
      const u64 mode = (1ull << 62) | (64ull << 32) | (1ull << 16);
      for (int t = 0; t < ${k / depth}; ++t) {
        const int stage = t % ${stages}, turn = t / ${stages};
        barrier_wait(full + stage, turn & 1);
        products_fence();
        const u64 da = mode | (shared_address(as + stage * bytes_a + (group - 1) * 8192) >> 4);
        const u64 db = mode | (shared_address(bs + stage * bytes_b) >> 4);
        for (int i = 0; i < ${depth / 16}; ++i) product(d, da + 2 * i, db + 2 * i, 1);
        products_commit();
        products_wait<${kept}>();
        if (t >= ${kept} && threadIdx.x % 128 == 0) barrier_arrive(empty + (t - ${kept}) % ${stages});
      }
      products_wait();
      const int lane = threadIdx.x % 32, row = (threadIdx.x - 128) / 32 * 16 + lane / 4;
      for (int i = 0; i < ${n / 2}; ++i)
        c[(row + 8 * (i >> 1 & 1)) * ${n} + 8 * (i >> 2) + 2 * (lane % 4) + (i & 1)] = d[i];
    }
  }`;

  async function run(text: string) {
    const program = await deviceWith(text, 'sm_90a');
    const a = matrix(m * k, 'bf16', 11);
    const b = matrix(n * k, 'bf16', 13);
    const put = (values: number[]) =>
      program.put(Uint16Array.from(values, (value) => new Uint16Array(encode('bf16', value).buffer)[0]!));
    const map = (address: bigint, rows: number) =>
      encodeTensorMap({
        dataType: 'bfloat16',
        address,
        dimensions: [k, rows],
        strides: [2 * k],
        box: [depth, rows],
        swizzle: 128,
      });
    const c = program.room(4 * m * n);
    const maps = [map(put(a), m), map(put(b), n)] as const;
    const result = await program.run('gemm', { block: [384], shared: stages * (m + n) * depth * 2 }, ...maps, c);
    return { a, b, found: program.floats(c, m * n), ...result };
  }

  it.each([0, 1])(
    'fills a ring by tensor maps with %i products ahead: no conflict, every sector once',
    async (kept) => {
      const { a, b, found, counters, error, findings } = await run(source(kept));
      expect({ error, findings }).toEqual({ error: null, findings: [] });
      for (let i = 0; i < m; ++i)
        for (let j = 0; j < n; ++j) {
          let sum = 0;
          for (let x = 0; x < k; ++x) sum += a[i * k + x]! * b[j * k + x]!;
          expect(found[i * n + j], `${i}, ${j}`).toBe(sum);
        }
      expect(counters.matrixMultiplyAdds.float16).toBe(m * n * k);
      expect(counters.globalLoadSectors).toBe(((m + n) * k * 2) / 32);
      expect(counters.globalLoadRequests).toBe((2 * k) / depth);
      // A once, B once for each of the two groups.
      expect(counters.sharedLoadWavefronts).toBe(((m + 2 * n) * k * 2) / 128);
      expect(counters.sharedBankConflicts).toBe(0);
    },
  );

  it('gives a stage free too early, and that is found', async () => {
    const early = source(1).replace('t >= 1 && ', '').replace('(t - 1) %', 't %');
    const { findings } = await run(early);

    expect(findings.map((finding) => finding.kind)).toContain('shared-memory-race');
  });

  it('waits for one of its two groups alone, and that is found', async () => {
    const alone = source(0)
      .replace('empty + i, 2', 'empty + i, 1')
      .replace('threadIdx.x % 128 == 0', 'threadIdx.x == 128');
    const { findings } = await run(alone);
    expect(findings.map((finding) => finding.kind)).toContain('shared-memory-race');
  });
});
