import type { InstructionTrace } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { deviceWith, int, noise } from '../execution/programs.js';

const source = `extern "C" __global__ void neighbours(const float* a, float* b, int n) {
  __shared__ float row[128];
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  row[threadIdx.x] = i < n ? a[i] : 0;
  __syncthreads();
  float sum = 0;
  for (int j = 0; j < 1 + threadIdx.x / 32; ++j) sum += row[(threadIdx.x * 2 + j) % 128];
  if (i < n) b[i] = sum;
}`;

async function run(trace?: { firstBlock?: number; blockCount?: number; mostEvents?: number }) {
  const program = await deviceWith(source);
  const { module, device } = program;
  return device.launch({
    module,
    kernel: 'neighbours',
    grid: [3],
    block: [128],
    arguments: [program.put(noise(300)), program.room(4 * 300), int(300)],
    ...(trace && { trace }),
  });
}

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0);
const opcodes = ({ instructions }: InstructionTrace, warp: { readonly instructions: ArrayLike<number> }) =>
  Array.from(warp.instructions, (index) => instructions[index]!.opcode);

describe('a trace', () => {
  it('has every instruction, sector and wavefront that the counters have', async () => {
    const { trace, counters } = await run({ blockCount: 3 });
    const counted: Record<string, number> = {};
    for (const { instructions } of trace!.warps) {
      for (const index of Array.from(instructions)) {
        const { class: kind } = trace!.instructions[index]!;
        counted[kind] = (counted[kind] ?? 0) + 1;
      }
    }
    const issued = Object.entries(counters.warpInstructions).filter(([, count]) => count > 0);
    expect(counted).toEqual(Object.fromEntries(issued));
    const total = (of: 'sectors' | 'wavefronts') => sum(trace!.warps.map((warp) => sum(warp[of])));
    expect(total('sectors')).toBe(counters.globalLoadSectors + counters.globalStoreSectors);
    expect(total('wavefronts')).toBe(counters.sharedLoadWavefronts + counters.sharedStoreWavefronts);
  });

  it('is of the chosen blocks alone, warp by warp, each in its own order', async () => {
    const { trace } = await run({ firstBlock: 1, blockCount: 2 });
    expect(trace!.warps.map(({ block, warp }) => [block, warp])).toEqual(
      [1, 2].flatMap((block) => [0, 1, 2, 3].map((warp) => [block, warp])),
    );
    const loads = trace!.warps.map((warp) => opcodes(trace!, warp).filter((name) => name.startsWith('ld.shared')));
    expect(loads.slice(0, 4).map(({ length }) => length)).toEqual([1, 2, 3, 4]);
    expect(opcodes(trace!, trace!.warps[0]!).at(-1)).toBe('ret');
  });

  it('says which lanes are active, and registers that connect a load with its use', async () => {
    const { trace } = await run({ firstBlock: 2 });
    const [first] = trace!.warps;
    const at = opcodes(trace!, first!).indexOf('ld.global.f32');
    // 300 elements: the third block has 44.
    expect(trace!.warps.map(({ lanes }) => Math.min(...Array.from(lanes).filter((count) => count > 0)))).toEqual([
      32, 12, 32, 32,
    ]);
    const load = trace!.instructions[first!.instructions[at]!]!;
    expect(load).toMatchObject({ class: 'loadGlobal', bytes: 4 });
    const used = trace!.instructions.filter(({ uses }) => Array.from(uses).includes(load.defines[0]!));
    expect(used.length).toBeGreaterThan(0);
  });

  it('is cut off where asked, and not there where none is asked for', async () => {
    const { trace } = await run({ mostEvents: 5 });
    expect(trace!.warps.map(({ isComplete, instructions }) => [isComplete, instructions.length])).toEqual(
      [0, 1, 2, 3].map(() => [false, 5]),
    );
    expect((await run()).trace).toBeUndefined();
  });
});
