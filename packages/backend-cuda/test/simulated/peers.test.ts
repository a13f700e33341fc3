import { describe, expect, it } from 'vitest';
import { runContexts } from '../support/simulated-contexts.js';
import { canSimulate } from '../support/simulated-process.js';

const device = { architecture: 'sm_80', memoryBytes: 64 * 2 ** 20 };

interface Outcome {
  readonly results: readonly string[];
  readonly moved: readonly boolean[];
  readonly copies: { readonly directBytes: number; readonly stagedBytes: number };
  readonly peerCalls: number;
  readonly findings: readonly string[];
}

/** Products on the second device, all else on the first, so that tensors have to go there and back. */
async function overTwo(peers: readonly (readonly [number, number])[], memory: string): Promise<Outcome> {
  const { printed, errorOutput } = await runContexts(
    { devices: [device, device], peers },
    `
    const isProduct = (step) => step.kind === 'matmul';
    const divided = { ...known, supports: (adapter, step, tensors) =>
      isProduct(step) === (adapter.id === adapters[1].id)
        ? plugin.supports(adapter, step, tensors)
        : { part: 'step', reason: 'it is for the other one' } };
    const context = await createContext({
      device: ['cuda:0', 'cuda:1'], backends: [divided], deviceOptions: { memory: '${memory}' },
    });
    const moved = [];
    context.telemetry.on('migrate', ({ isDirect }) => moved.push(isDirect));
    const work = await prepared(context);
    const results = [];
    for (const value of [1, 2, 3]) results.push(await outcome(work.run(value)));
    work.destroy();
    await context.destroy();
    const { calls, copiesBetweenDevices, findings } = await look();
    print({
      results, moved, copies: copiesBetweenDevices,
      peerCalls: calls.cuMemcpyPeerAsync ?? 0, findings: findings.map(({ explanation }) => explanation),
    });
    `,
  );
  expect(errorOutput).toBe('');
  return printed[0] as Outcome;
}

describe.runIf(canSimulate)('two devices', () => {
  it('name each other where they can reach each other, and nobody else', async () => {
    const { printed, errorOutput } = await runContexts(
      { devices: [device, device, device], peers: [[0, 2]] },
      'print(adapters.map(({ links }) => links.map(({ to }) => adapters.findIndex(({ id }) => id === to))));',
    );
    expect(errorOutput).toBe('');
    expect(printed).toEqual([[[-1, 2], [-1], [-1, 0]]]);
  });

  it.each(['mapped', 'ordered', 'plain'])('that are linked hand over tensors directly (memory %s)', async (memory) => {
    const { results, moved, copies, peerCalls, findings } = await overTwo([[0, 1]], memory);
    expect(results).toEqual(['right', 'right', 'right']);
    expect(moved.length).toBeGreaterThanOrEqual(6);
    expect(new Set(moved)).toEqual(new Set([true]));
    expect(peerCalls).toBe(moved.length);
    expect(copies).toEqual({ directBytes: moved.length * 32 * 32 * 4, stagedBytes: 0 });
    expect(findings).toEqual([]);
  });

  it('that are not linked hand them over through the host', async () => {
    const { results, moved, copies, peerCalls, findings } = await overTwo([], 'mapped');
    expect(results).toEqual(['right', 'right', 'right']);
    expect(moved.length).toBeGreaterThanOrEqual(6);
    expect(new Set(moved)).toEqual(new Set([false]));
    expect(peerCalls).toBe(0);
    expect(copies).toEqual({ directBytes: 0, stagedBytes: 0 });
    expect(findings).toEqual([]);
  });
});
