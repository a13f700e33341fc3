import { describe, expect, it } from 'vitest';
import { matmulStep } from '../support/matrix-steps.js';
import { simulateStep } from '../support/simulate-step.js';

const step = matmulStep({ m: 256, n: 512, k: 640, a: 'float16', b: 'float16', multiply: 'float16' });
const tuning = { kernel: 'warpgroup', rows: 128, columns: 256, cluster: 2, workers: 4, stages: 2 };

type Edit = readonly [found: RegExp, replaced: string];

/** The kinds of what is found in a product whose two blocks copy for each other, with places of its source changed. */
async function findings(...edits: readonly Edit[]): Promise<string[]> {
  const editSource = (source: string) =>
    edits.reduce((text, [found, replaced]) => {
      expect(text).toMatch(found);
      return text.replace(found, replaced);
    }, source);
  const result = await simulateStep(step, { architecture: 'sm_90', tuning, editSource });
  return [...new Set(result.findings.map(({ kind }) => kind))];
}

const faults: readonly (readonly [string, string, ...Edit[]])[] = [
  [
    'copies before the other block has begun',
    'block-not-running',
    [/cluster_synchronize\(\);(\s*const unsigned rank)/, '__syncthreads();$1'],
  ],
  ['ends before the other block does', 'block-not-running', [/cluster_synchronize\(\);(\s*}\s*)$/, '$1']],
  [
    'fills what the other block still multiplies',
    'overwritten-in-flight',
    [/(barrier_initialize\(empty \+ stage \* 8), 16/, '$1, 8'],
    [/if \(lane < 2\)/g, 'if (lane == rank)'],
  ],
  [
    'keeps its half to itself',
    'barrier-deadlock',
    [/(multicast_box_2\([^;]*full \+ stage \* 8), 3,/, '$1, 1 << rank,'],
  ],
];

describe('a product whose blocks copy for each other', { timeout: 120_000 }, () => {
  it('does nothing wrong', async () => {
    expect(await findings()).toEqual([]);
  });

  it.each(faults)('is found out where it %s: %s', async (_, kind, ...edits) => {
    expect(await findings(...edits)).toContain(kind);
  });
});
