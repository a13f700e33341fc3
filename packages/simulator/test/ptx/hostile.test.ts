import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HalyardError } from '@halyard/core';
import { compileCuda, fetchToolkit, type KernelArgument, SimulatedDevice } from '@halyard/simulator';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Mutation, mutate, mutation } from './mutation.js';

const runs = Number(process.env.HALYARD_HOSTILE_RUNS ?? 400);
const architecture = 'sm_80';

/** A bit of everything: shared, local and constant memory, branches over a table, shuffles, atomics, calls, tensor cores. */
const source = `
__constant__ float table[4] = {1, 2, 3, 4};
__device__ unsigned counter;
__device__ __noinline__ float deep(float x, int n) { return n > 0 ? x * deep(x + 1, n - 1) : x; }
extern "C" __global__ void mixed(const float* x, float* y, int n, int mode) {
  __shared__ float tile[64];
  float local[8];
  const int i = threadIdx.x;
  tile[i] = x[i] + table[i & 3];
  for (int k = 0; k < 8; k++) local[k] = tile[(i + k) & 63];
  __syncthreads();
  float value = local[n & 7];
  switch (mode) {
    case 0: value = expf(value); break;
    case 1: value = __shfl_xor_sync(0xffffffff, value, 3); break;
    case 2: value = deep(value, n & 3); break;
    case 3: value = (float)((double)value / 3.0); break;
    case 4: value = __popc(__ballot_sync(0xffffffff, value > 1)); break;
    case 5: value = atomicAdd(&counter, 1); break;
    case 6: if (value != value) __trap(); break;
  }
  if (i < n) y[i] = value;
}
extern "C" __global__ void product(const uint4* a, const uint2* b, float4* c) {
  const uint4 x = a[threadIdx.x];
  const uint2 y = b[threadIdx.x];
  float4 d = c[threadIdx.x];
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+f"(d.x), "+f"(d.y), "+f"(d.z), "+f"(d.w) : "r"(x.x), "r"(x.y), "r"(x.z), "r"(x.w), "r"(y.x), "r"(y.y));
  c[threadIdx.x] = d;
}`;

let text = '';
beforeAll(async () => {
  text = (await compileCuda(await fetchToolkit('13'), source, { architecture })).ptx;
}, 60_000);

/** Loads PTX and runs what kernels it has. */
async function loadAndRun(ptx: string): Promise<void> {
  const device = new SimulatedDevice({ architecture, memoryBytes: 2 ** 24 });
  const module = device.load(ptx);
  const address = device.allocate(4096);
  for (const { name, parameters } of module.kernels) {
    const values = parameters.map(
      ({ bytes }): KernelArgument => (bytes === 8 ? address : { dataType: 'int32', value: 5 }),
    );
    const options = { grid: [2], block: [32], instructionLimit: 5_000, dynamicSharedBytes: 64 } as const;
    await device.launch({ module, kernel: name, arguments: values, ...options });
  }
}

async function expectRefusalAtMost(ptx: string): Promise<void> {
  await loadAndRun(ptx).catch((error: unknown) => {
    expect(error).toBeInstanceOf(HalyardError);
    expect(['bad-argument', 'unsupported', 'out-of-memory']).toContain((error as HalyardError).code);
  });
}

describe('PTX that is not as it should be', () => {
  it('is whole before anything is done to it', async () => {
    await loadAndRun(text);
  });

  it('is refused with a typed error where it is cut short', async () => {
    const step = Math.max(1, Math.floor(text.length / runs));
    for (let end = 0; end < text.length; end += step) await expectRefusalAtMost(text.slice(0, end));
  });

  const around = (body: string, globals = '') =>
    `.version 8.0\n.target sm_80\n.address_size 64\n${globals}\n.visible .entry f(.param .u64 p)\n{\n${body}\nret;\n}`;

  it.each([
    ['a line that does not end', around('.loc 1 2 3').slice(0, -6)],
    ['a pragma that does not end', '.version 8.0\n.target sm_80\n.pragma "x'],
    ['blocks nested without end', around('{'.repeat(100_000))],
    ['operands nested without end', around(`mov.u32 ${'{'.repeat(100_000)}`)],
    ['initial values nested without end', around('', `.global .u32 x[2] = ${'{'.repeat(100_000)}`)],
    ['more registers than there can be', around('.reg .b32 %r<4294967295>;')],
    ['more local memory than a thread has', around('.local .align 4 .b8 x[4294967296];')],
    ['an array beyond 64 bits', around('', '.global .b32 x[9223372036854775807][16];')],
    ['an alignment of nothing', around('.shared .align 0 .b8 x[4];')],
    ['an address in 4 bytes', around('', '.global .u32 x = f;')],
    ['a branch to nowhere', around('bra;')],
    ['a branch over no table', around('.reg .b32 %r<2>;\nbrx.idx %r1;')],
    ['a comparison of nothing', around('.reg .b32 %r<2>;\n.reg .pred %p<2>;\nsetp %p1, %r1, %r1;')],
    ['an addition of nothing', around('.reg .b32 %r<2>;\nadd %r1, %r1, %r1;')],
    ['a load of no address', around('.reg .b32 %r<2>;\nld.param.u32 %r1, %r1;')],
    ['a number into a predicate', around('.reg .pred %p<2>;\nmov.u32 %p1, 5;')],
  ])('is refused with a typed error for %s', async (_what, ptx) => {
    await expect(loadAndRun(ptx)).rejects.toMatchObject({
      code: expect.stringMatching(/^(bad-argument|unsupported|out-of-memory)$/),
      details: { found: expect.stringMatching(/./) },
    });
  });

  it('is refused or runs, and never takes the process down, whatever is changed in it', async () => {
    // What was tried last is found here if the process ends.
    const folder = mkdtempSync(join(tmpdir(), 'halyard-hostile-'));
    const property = fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
      const hostile = mutations.reduce((ptx: string, one: Mutation) => mutate(ptx, one), text);
      writeFileSync(join(folder, 'last.ptx'), hostile);
      await expectRefusalAtMost(hostile);
    });
    await fc.assert(property, { numRuns: runs });
    rmSync(folder, { recursive: true });
  });
});
