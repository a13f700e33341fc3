import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fetchToolkit, readReports, type SimulatorReport, simulatedEnvironment } from '@halyard/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProcess } from '../../src/toolkit/run-process.js';
import { pathOf } from '../driver/vendor-headers.js';
import { noise } from '../execution/programs.js';
import { tinygradFolder } from './packages.js';

interface Results {
  readonly device: string;
  readonly sum: number[];
  readonly total: number;
  readonly prefixes: number[];
  readonly product: number[];
  readonly transposed: number[];
  readonly half_product: number[];
  readonly histogram: number[];
  readonly losses: number[];
  readonly line: [number, number];
}

function expectClose(found: readonly number[], expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  expect(Math.max(...found.map((x, i) => Math.abs(x - expected[i]!)))).toBeLessThanOrEqual(tolerance);
}

/**
 * A whole framework that somebody else wrote: it prints its own CUDA C++, has NVRTC compile that, and calls the driver
 * through ctypes. Nothing in it knows of the simulator.
 */
describe('tinygrad, with the stand-in on the loader’s path', () => {
  let folder = '';
  let found: Results;
  let report: SimulatorReport;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'halyard-tinygrad-'));
    const toolkit = await fetchToolkit('13');
    const environment = {
      ...process.env,
      ...simulatedEnvironment({ toolkit, report: folder }),
      PYTHONPATH: await tinygradFolder(),
      PYTHONDONTWRITEBYTECODE: '1',
      CUDA_PATH: dirname(toolkit.include),
      DEV: 'CUDA',
      CACHELEVEL: '0',
    };
    const { status, stdout, stderr } = await runProcess('python3', [pathOf('../others/tinygrad-program.py')], {
      environment,
    });
    if (status !== 0) throw new Error(stderr);
    found = JSON.parse(stdout);
    report = (await readReports(folder)).find(({ launchCount }) => launchCount > 0)!;
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('finds its device, and does nothing wrong there', () => {
    expect(found.device).toBe('CUDA');
    expect(report.findings).toEqual([]);
    expect(report.devices[0]).toMatchObject({ architecture: 'sm_80', isLost: false });
  });

  it('adds vectors, sums, scans, and counts a histogram', () => {
    const [a, b] = [noise(1000, 1), noise(1000, 2)];
    expectClose(
      found.sum,
      a.map((x, i) => Math.fround(x + b[i]!)),
      0,
    );
    let running = 0;
    const prefixes = Array.from(a, (x) => (running += x));
    expectClose(found.prefixes, prefixes, 1e-4);
    expect(found.total).toBeCloseTo(running, 3);
    const bins = new Array(16).fill(0);
    for (const x of noise(500, 5)) bins[Math.trunc(Math.fround(Math.fround(x + 1) * 8))] += 1;
    expect(found.histogram).toEqual(bins);
  });

  it('multiplies and transposes matrices, those of halves on tensor cores', () => {
    const [m, n, k] = [64, 48, 32];
    const [left, right] = [noise(m * k, 3), noise(k * n, 4)];
    const product = Array.from({ length: m * n }, (_, i) => {
      let total = 0;
      for (let j = 0; j < k; ++j) total += left[Math.floor(i / n) * k + j]! * right[j * n + (i % n)]!;
      return total;
    });
    expectClose(found.product, product, 1e-5);
    // Each factor, of at most 1, is rounded to 11 bits.
    expectClose(found.half_product, product, k * 2 ** -11);
    expect(report.devices[0]!.counters.matrixMultiplyAdds.float16).toBe(m * n * k);
    expect(found.transposed).toEqual(Array.from(left, (_, i) => left[(i % m) * k + Math.floor(i / m)]!));
  });

  it('learns a line by gradient descent, from a graph of the driver that it replays', () => {
    const x = noise(64, 6);
    let [slope, offset] = [0, 0];
    const mean = (value: (x: number) => number) => x.reduce((total, one) => total + value(one), 0) / x.length;
    const losses = Array.from({ length: 12 }, () => {
      const error = (
        (s, o) => (one: number) =>
          s * one + o - (3 * one - 1)
      )(slope, offset);
      slope -= 0.5 * mean((one) => error(one) * one);
      offset -= 0.5 * mean(error);
      return mean((one) => error(one) ** 2);
    });
    expectClose(found.losses, losses, 1e-4);
    expectClose(found.line, [slope, offset], 1e-4);
    expect(losses[11]).toBeLessThan(0.05);
    expect(report.calls.cuGraphLaunch).toBeGreaterThan(5);
  });
});
