import type { Program } from '@halyard/core';
import { generateProgram } from '@halyard/simt';
import { compileCuda, fetchToolkit } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { architectureModel } from '../../src/schedule/index.js';
import { matmulStep } from '../support/matrix-steps.js';
import { type Architecture, targets } from '../support/matrix-targets.js';
import { simulateStep } from '../support/simulate-step.js';

const large = matmulStep({ m: 4096, n: 4096, k: 4096, a: 'float16', b: 'float16', multiply: 'float16' });

/** Matrix instructions of the main loop, and how many of them stand between its loads and where those are used. */
async function mainLoop(architecture: Architecture, hoistsLoads: 'yes' | 'no') {
  const { tensors, step } = large;
  const version = { major: 1, minor: 0 };
  const program: Program = { version, bindings: [], tensors, steps: [step as never], workspaceBytes: 0 };
  const tuning = [{ kernel: 'tensor', hoistsLoads }];
  const { modules } = generateProgram(program, targets[architecture], tuning);
  const toolkit = await fetchToolkit(architecture === 'sm_70' ? '12' : '13');
  const { ptx } = await compileCuda(toolkit, modules[0]!.source, targets[architecture]);
  const order = [...ptx.matchAll(/^\s*(?:@\S+\s+)?(ld\.global|st\.shared\.v4|(?:wmma\.)?mma\.sync)/gm)].map(
    ([, name]) => name!,
  );
  const isMatrix = (name: string) => name.endsWith('mma.sync');
  const first = order.findIndex(isMatrix);
  // The loop's loads stand in front of its first multiplication, or behind some of them.
  const load = hoistsLoads === 'yes' ? order.lastIndexOf('ld.global', first) : order.indexOf('ld.global', first);
  const use = order.indexOf('st.shared.v4', load);
  return {
    between: order.slice(load, use).filter(isMatrix).length,
    all: order.filter(isMatrix).length,
  };
}

/** Cycles that warps, in order, wait for their loads in each step, and those that multiplying takes them together. */
function cyclesOf(architecture: Architecture, { between, all }: Awaited<ReturnType<typeof mainLoop>>) {
  const { latency, tensorMultiplyAdds } = architectureModel(architecture);
  const multiplying = (128 * 128 * 32) / tensorMultiplyAdds;
  const covered = (multiplying / all) * between;
  return { multiplying, waiting: Math.max(0, latency.global - covered) };
}

describe.each(['sm_70', 'sm_75'] as const)('the order of a product of matrices on %s', (architecture) => {
  it('has half of a step between loads and their use, which hides the latency of memory', async () => {
    const hoisted = await mainLoop(architecture, 'yes');
    const late = await mainLoop(architecture, 'no');
    expect(hoisted.between).toBe(hoisted.all / 2);
    expect(late.between).toBe(0);
    const [with_, without] = [cyclesOf(architecture, hoisted), cyclesOf(architecture, late)];
    expect(with_.waiting).toBe(0);
    const gain = (without.multiplying + without.waiting) / (with_.multiplying + with_.waiting);
    expect(gain).toBeGreaterThan(1.35);
  });

  it('takes not one sector, wavefront or multiplication more for it', async () => {
    const count = async (hoistsLoads: 'yes' | 'no') => {
      const tuning = { kernel: 'tensor', hoistsLoads };
      const { counters } = await simulateStep(large, { architecture, blocks: 1, tuning });
      const { globalLoadSectors, sharedLoadWavefronts, sharedStoreWavefronts, matrixMultiplyAdds } = counters[0]!;
      return { globalLoadSectors, sharedLoadWavefronts, sharedStoreWavefronts, float16: matrixMultiplyAdds.float16 };
    };
    expect(await count('yes')).toEqual(await count('no'));
  });
});
