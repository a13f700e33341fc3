import cpuPlugin from '@halyard/backend-cpu';
import { afterEach, describe, expect, it } from 'vitest';

/** Set key by key: native code reads the environment itself. */
afterEach(() => {
  delete process.env.HALYARD_CPU_LEVEL;
  delete process.env.HALYARD_CPU_THREADS;
});

async function probe(level?: string) {
  if (level !== undefined) process.env.HALYARD_CPU_LEVEL = level;
  return cpuPlugin.probe({ timeoutMs: 10_000 });
}

describe('probing', () => {
  it('finds one adapter, proved by a computation that was really run', async () => {
    const { adapters, refusals } = await probe();
    expect(refusals).toEqual([]);
    expect(adapters).toHaveLength(1);
    expect(adapters[0]!.proof.ok).toBe(true);
    expect(adapters[0]!.computeUnits).toBeGreaterThan(0);
    expect(adapters[0]!.memory[0]!.bytes).toBeGreaterThan(2 ** 28);
  });

  it('keeps to the level that HALYARD_CPU_LEVEL names, with an architecture of its own', async () => {
    const { adapters } = await probe('portable');
    expect(adapters[0]!.architecture).toMatch(/-portable$/);
    expect(adapters[0]!.relatives).toEqual([]);
    expect(adapters[0]!.proof).toEqual({ ok: true, detail: expect.stringContaining('portable') });
  });

  it('refuses a level that is not known, and names those that are', async () => {
    const { adapters, refusals } = await probe('avx9');
    expect(adapters).toEqual([]);
    expect(refusals[0]).toMatchObject({ code: 'cpu:unknown-level', found: 'HALYARD_CPU_LEVEL=avx9' });
    expect(refusals[0]!.expected).toContain('portable');
  });
});

describe('opening', () => {
  it.each([0.5, -1, 100_000])('refuses %d threads', async (threads) => {
    const { adapters } = await probe();
    await expect(cpuPlugin.open(adapters[0]!, { threads })).rejects.toMatchObject({ code: 'bad-argument' });
  });

  it('takes the number of threads from HALYARD_CPU_THREADS, and refuses one that is none', async () => {
    const { adapters } = await probe();
    process.env.HALYARD_CPU_THREADS = 'many';
    await expect(cpuPlugin.open(adapters[0]!)).rejects.toMatchObject({ code: 'bad-argument' });
    process.env.HALYARD_CPU_THREADS = '2';
    await (await cpuPlugin.open(adapters[0]!)).close();
  });
});
