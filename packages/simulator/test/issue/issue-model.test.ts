import { architectureModel, estimateIssue, type IssueOptions } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import {
  arriveAt,
  arriveBehindCopies,
  barrier,
  branch,
  commit,
  commitProducts,
  copy,
  fill,
  fma,
  loadGlobal,
  loadShared,
  mma,
  move,
  storeShared,
  traceOf,
  waitAt,
  waitFor,
  waitForProducts,
  wgmma,
} from './synthetic.js';

type Events = Parameters<typeof traceOf>[number];

const model = architectureModel('sm_80');
const { latencies } = model;
const estimate = (warps: readonly Events[], options?: IssueOptions) => estimateIssue(traceOf(...warps), model, options);
const range = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const last = (clocks: number) => clocks - 1;

describe('the issue model', () => {
  it('lets a chain of dependent instructions wait for each result', () => {
    const chain = range(10, (i) => fma(i + 1, i));
    const found = estimate([chain]);
    expect(last(found.clocks)).toBe(9 * latencies.arithmetic);
    expect(found.stalls.wait).toBe(9 * (latencies.arithmetic - 1));
  });

  it('issues independent instructions as fast as the unit takes them', () => {
    // 64 lanes a clock over four schedulers: a warp every second clock.
    const found = estimate([range(10, (i) => fma(i, 100))]);
    expect(last(found.clocks)).toBe(9 * 2);
    expect(found.stalls.mathPipeThrottle).toBe(9);
  });

  it('hides one warp behind others of its scheduler, and gives each scheduler its own units', () => {
    const chain = range(100, (i) => fma(i + 1, i));
    const one = estimate([chain]);
    const four = estimate(range(4, () => chain));
    const eight = estimate(range(8, () => chain));
    expect(four.clocks).toBe(one.clocks);
    expect(eight.clocks).toBeLessThan(one.clocks + 4);
    expect(eight.issueUtilization).toBeCloseTo(2 * one.issueUtilization * 4, 1);
  });

  it('keeps the matrix units at their peak with enough independent sums, and not with one', () => {
    const many = estimate(range(4, () => range(64, (i) => mma(i % 16, i % 16, 100))));
    expect(many.matrixUtilization).toBeGreaterThan(0.95);
    const one = estimate(range(4, () => range(64, () => mma(0, 0, 100))));
    // 2048 multiply-adds over 256 a clock, and the depth of the unit.
    expect(last(one.clocks)).toBe(63 * (8 + latencies.matrix));
    expect(one.stalls.matrixScoreboard).toBeGreaterThan(one.stalls.wait);
  });

  it('waits for memory by its latency, then by its bandwidth', () => {
    const load = estimate([[loadGlobal(1), fma(2, 1)]]);
    expect(load.clocks).toBeGreaterThan(latencies.global);
    const share = model.memoryBytesPerSecond / model.clockHz / model.multiprocessors;
    expect(load.clocks).toBeLessThan(latencies.global + 512 / share + 8);
    const bytes = 512 * 256;
    const loads = estimate(range(8, () => range(32, (i) => loadGlobal(i))));
    expect(loads.clocks).toBeCloseTo(bytes / share, -2);
    const cached = estimate(
      range(8, () => range(32, (i) => loadGlobal(i))),
      { missRate: 0 },
    );
    expect(cached.clocks).toBeCloseTo(bytes / 32 / model.sectorsPerClock, -2);
  });

  it('reads once what goes to several blocks, and takes in what others bring at the speed of its port', () => {
    const fills = (multicasts: number) => estimate([range(64, () => ({ ...fill(4, 0), multicasts }))], { missRate: 0 });
    const { sectorsPerClock, portSectorsPerClock } = model;
    expect(fills(0).clocks / ((64 * 128) / sectorsPerClock)).toBeCloseTo(1, 1);
    expect(fills(3 * 128).clocks / ((64 * 4 * 128) / portSectorsPerClock)).toBeCloseTo(1, 1);
  });

  it('gives shared memory one wavefront a clock, whoever asks', () => {
    const found = estimate(range(8, () => range(32, (i) => loadShared(i, 4))));
    expect(found.busy.memory).toBeGreaterThan(0.95);
    expect(found.clocks).toBeGreaterThanOrEqual(8 * 32 * 4);
    expect(found.stalls.memoryThrottle).toBeGreaterThan(0);
  });

  it('holds warps at a barrier until the last has come', () => {
    const slow = range(50, (i) => fma(i + 1, i));
    const found = estimate([
      [barrier(), fma(1, 0)],
      [...slow, barrier(), fma(1, 0)],
    ]);
    expect(last(found.clocks)).toBe(49 * latencies.arithmetic + 1 + latencies.barrier);
    expect(found.stalls.barrier).toBeGreaterThan(49 * latencies.arithmetic);
    expect(found.instructions).toBe(2 + 52);
  });

  it('lets a barrier for some threads go without the others, and counts warps that have ended as arrived', () => {
    const some = estimate([[barrier(1, 64)], [barrier(1, 64)], range(100, (i) => fma(i + 1, i))]);
    expect(some.stalls.barrier).toBeLessThan(2 * latencies.barrier + 2);
    const ended = estimate([[barrier()], [fma(1, 0)]]);
    expect(ended.clocks).toBeLessThan(3 + latencies.barrier);
  });

  it('waits for the groups of copies that are asked for, and not for later ones', () => {
    const all = estimate([[copy, commit, waitFor(0), fma(1, 0)]]);
    expect(all.clocks).toBeGreaterThan(latencies.global);
    expect(all.stalls.copy).toBeGreaterThan(latencies.global - 10);
    const none = estimate([[copy, commit, waitFor(1), fma(1, 0)]]);
    expect(none.stalls.copy).toBe(0);
  });

  it('waits at an mbarrier for the copies and arrivals of the phase, whoever makes them', () => {
    const alone = estimate([[fill(4, 0), arriveAt(4, 0), waitAt(4, 0), fma(1, 0)]]);
    expect(alone.clocks).toBeGreaterThan(latencies.global);
    const apart = estimate([
      [fill(4, 0), arriveAt(4, 0)],
      [waitAt(4, 0), fma(1, 0)],
    ]);
    expect(Math.abs(apart.clocks - alone.clocks)).toBeLessThan(4);
    const arrival = estimate([
      [...range(50, (i) => fma(i + 1, i)), arriveAt(4, 0)],
      [waitAt(4, 0), fma(1, 0)],
    ]);
    expect(arrival.stalls.copy).toBeGreaterThan(40 * latencies.arithmetic);
  });

  it('lets an arrival behind copies come when these have landed', () => {
    const wait = [waitAt(4, 0), fma(1, 0)];
    const behind = estimate([[copy, arriveBehindCopies(4, 0)], wait]);
    expect(behind.stalls.copy).toBeGreaterThan(latencies.global);
    const before = estimate([[arriveBehindCopies(4, 0), copy], wait]);
    expect(before.stalls.copy).toBeLessThan(latencies.barrier + 4);
  });

  it('takes the phase before the first for over, and keeps phases apart', () => {
    expect(estimate([[waitAt(4, -1), fma(1, 0)]]).clocks).toBeLessThan(10);
    const next = estimate([[arriveAt(4, 0), waitAt(4, 0), fma(1, 0), fill(4, 1)]]);
    expect(next.stalls.copy).toBeLessThan(latencies.barrier + 4);
  });

  it('runs asynchronous products at the peak of the architecture, and waits for their groups', () => {
    const sm90 = architectureModel('sm_90');
    const products = [...range(32, () => wgmma), commitProducts, waitForProducts(0)];
    const found = estimateIssue(traceOf(...range(4, () => products)), sm90);
    expect(found.matrixUtilization).toBeGreaterThan(0.95);
    expect(found.stalls.matrixScoreboard).toBeGreaterThan(4 * 31 * 100);
    const late = estimateIssue(traceOf(...range(4, () => [wgmma, commitProducts, waitForProducts(1)])), sm90);
    expect(late.stalls.matrixScoreboard).toBe(0);
    // What warps do by themselves is slower.
    const own = estimateIssue(traceOf(...range(4, () => range(64, (i) => mma(i % 16, i % 16, 100)))), sm90);
    expect(own.matrixUtilization).toBeLessThan(sm90.warpMatrixShare);
  });

  it('passes over moves between registers, whose time is that of what they move', () => {
    const without = estimate([[fma(1, 0), fma(2, 1)]]);
    const moved = estimate([[fma(1, 0), move(3, 1), fma(2, 3)]]);
    expect(moved).toMatchObject({ clocks: without.clocks, instructions: 2 });
  });

  it('runs blocks one after another in the places of those that end', () => {
    const chain = range(100, (i) => fma(i + 1, i));
    const one = estimate([chain]);
    const two = estimate([chain], { residentBlocks: 1, blocks: 2 });
    const beside = estimate([chain], { residentBlocks: 2 });
    expect(two.clocks).toBe(2 * one.clocks);
    expect(beside.clocks).toBe(one.clocks);
  });

  it('moves loads ahead within the window, though not over a branch or a store to the same space', () => {
    const wait = range(20, (i) => fma(i + 1, i));
    const late = [...wait, loadGlobal(100), fma(101, 100)];
    const clocks = (events: Events, schedulingWindow: number) => estimate([events], { schedulingWindow }).clocks;
    const inOrder = clocks(late, 1);
    expect(inOrder - clocks(late, 64)).toBe(20 * latencies.arithmetic - 3);
    expect(inOrder - clocks(late, 11)).toBeLessThan(15 * latencies.arithmetic);
    const behindBranch = [...wait, branch, loadGlobal(100), fma(101, 100)];
    expect(clocks(behindBranch, 64)).toBe(clocks(behindBranch, 1));
    const behindStore = [...wait, storeShared(20), loadShared(100), fma(101, 100)];
    expect(clocks(behindStore, 64)).toBe(clocks(behindStore, 1));
  });

  it('refuses a trace that was cut off, or of no block', () => {
    const { instructions, warps } = traceOf([fma(1, 0)]);
    const cut = { instructions, warps: warps.map((warp) => ({ ...warp, isComplete: false })) };
    expect(() => estimateIssue(cut, model)).toThrow(/warp 0 of block 0 that was cut off/);
    expect(() => estimateIssue({ instructions, warps: [] }, model)).toThrow(/a trace of no block/);
  });
});
