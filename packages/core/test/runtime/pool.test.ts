import { HalyardError, type MemorySource, Pool, type PoolEvents, type Region, type Token } from '@halyard/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const mebibyte = 2 ** 20;

/** A backend's memory that only counts. */
function memorySource(capacity = Number.POSITIVE_INFINITY) {
  const regions = new Set<Region>();
  const asked: number[] = [];
  const used = () => [...regions].reduce((sum, { bytes }) => sum + bytes, 0);
  const source: MemorySource = {
    granularity: 4096,
    async reserve(bytes, tier) {
      asked.push(bytes);
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (used() + bytes > capacity) return undefined;
      const region: Region = { device: 'test', tier, bytes, handle: undefined };
      regions.add(region);
      return region;
    },
    release: (region) => void regions.delete(region),
  };
  return { source, regions, asked, used };
}

/** Work that is done when the test says so. */
function openToken() {
  let finish!: () => void;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const token = { isDone: false, wait: () => done };
  return {
    token: token as Token,
    finish() {
      token.isDone = true;
      finish();
    },
  };
}

function eventLog() {
  const events: (keyof PoolEvents)[] = [];
  const details: unknown[] = [];
  const sink = {
    hears: () => true,
    emit<Kind extends keyof PoolEvents>(kind: Kind, event: PoolEvents[Kind]) {
      events.push(kind);
      details.push(event);
    },
  };
  return { events, details, sink };
}

const options = { alignment: 64, regionBytes: 2 ** 32 };

describe('Pool', () => {
  test('small requests share a region, and large ones get their own', async () => {
    const { source, regions } = memorySource();
    const pool = new Pool(source, eventLog().sink, options);
    const [one, other] = [await pool.allocate({ bytes: 100, tag: 'a' }), await pool.allocate({ bytes: 100, tag: 'a' })];
    expect(one.span.region).toBe(other.span.region);
    expect([one.span.offset, other.span.offset]).toEqual([0, 128]);
    await pool.allocate({ bytes: 100 * mebibyte, tag: 'a' });
    expect(regions.size).toBe(2);
  });

  test('memory that was never used reads as zeros, and is said to', async () => {
    const { source } = memorySource();
    const pool = new Pool(source, eventLog().sink, options);
    const first = await pool.allocate({ bytes: 64, tag: 'a' });
    expect(first.clean).toBe(true);
    pool.free(first.span);
    expect((await pool.allocate({ bytes: 64, tag: 'a' })).clean).toBe(false);
  });

  test('what is freed under a token is used again only behind it', async () => {
    const { source } = memorySource(mebibyte);
    const pool = new Pool(source, eventLog().sink, options);
    const { span } = await pool.allocate({ bytes: mebibyte, tag: 'a' });
    const work = openToken();
    pool.free(span, [work.token]);
    expect(await pool.acquire({ bytes: mebibyte, tag: 'a' })).toEqual({ kind: 'wait', token: work.token });
    const waiting = pool.allocate({ bytes: mebibyte, tag: 'a' });
    let isAnswered = false;
    void waiting.then(() => {
      isAnswered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(isAnswered).toBe(false);
    work.finish();
    expect((await waiting).span.bytes).toBe(mebibyte);
  });

  test('says when the budget is reached, with figures and a remedy', async () => {
    const { source } = memorySource();
    const pool = new Pool(source, eventLog().sink, { ...options, budgetBytes: mebibyte });
    await pool.allocate({ bytes: mebibyte / 2, tag: 'a' });
    const answer = await pool.acquire({ bytes: mebibyte, tag: 'a' });
    expect(answer).toEqual({ kind: 'over-budget', budgetBytes: mebibyte, reservedBytes: mebibyte / 2 });
    const error = (await pool
      .allocate({ bytes: mebibyte, tag: 'weights' })
      .catch((thrown: unknown) => thrown)) as HalyardError;
    expect(error.code).toBe('out-of-memory');
    expect(error.message).toContain(`${mebibyte} bytes were asked for a weights`);
    expect(error.details.remedy).toContain('memoryBudget');
  });

  test('says when the device has no more', async () => {
    const { source } = memorySource(mebibyte);
    const pool = new Pool(source, eventLog().sink, options);
    expect(await pool.acquire({ bytes: 2 * mebibyte, tag: 'a' })).toEqual({ kind: 'exhausted', reservedBytes: 0 });
    const error = await pool.allocate({ bytes: 2 * mebibyte, tag: 'a' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'out-of-memory' });
  });

  test('gives back what lies idle before it gives up', async () => {
    const { source, used } = memorySource();
    const pool = new Pool(source, eventLog().sink, { ...options, budgetBytes: 10 * mebibyte });
    const { span } = await pool.allocate({ bytes: 6 * mebibyte, tag: 'a' });
    pool.free(span);
    expect(used()).toBe(6 * mebibyte);
    await pool.allocate({ bytes: 8 * mebibyte, tag: 'a' });
    expect(used()).toBe(8 * mebibyte);
  });

  test('keeps idle regions up to a limit, and none after trim', async () => {
    const { source, used } = memorySource();
    const pool = new Pool(source, eventLog().sink, { ...options, retainBytes: 10 * mebibyte });
    const large = await pool.allocate({ bytes: 20 * mebibyte, tag: 'a' });
    const small = await pool.allocate({ bytes: 5 * mebibyte, tag: 'a' });
    pool.free(large.span);
    pool.free(small.span);
    expect(used()).toBe(5 * mebibyte);
    expect(pool.trim()).toBe(5 * mebibyte);
    expect(used()).toBe(0);
  });

  test('counts by tag, now and at most', async () => {
    const { source } = memorySource();
    const pool = new Pool(source, eventLog().sink, options);
    const { span } = await pool.allocate({ bytes: 64, tag: 'tensor' });
    await pool.allocate({ bytes: 128, tag: 'workspace' });
    pool.free(span);
    const { allocatedBytes, peakAllocatedBytes, tags } = pool.statistics();
    expect([allocatedBytes, peakAllocatedBytes]).toEqual([128, 192]);
    expect(tags).toEqual({
      tensor: { bytes: 0, peakBytes: 64, count: 0 },
      workspace: { bytes: 128, peakBytes: 128, count: 1 },
    });
  });

  test('tells what it does as events', async () => {
    const { source } = memorySource();
    const { events, details, sink } = eventLog();
    const pool = new Pool(source, sink, options);
    const { span } = await pool.allocate({ bytes: 64, tag: 'tensor' });
    pool.free(span, [openToken().token]);
    const other = await pool.allocate({ bytes: 64, tag: 'tensor' });
    pool.free(other.span);
    expect(events).toEqual(['reserve', 'allocate', 'free', 'allocate', 'free']);
    expect(details[2]).toEqual({ region: 0, offset: 0, bytes: 64, tag: 'tensor', pending: true });
  });

  test('freeing twice changes nothing', async () => {
    const { source } = memorySource();
    const pool = new Pool(source, eventLog().sink, options);
    const { span } = await pool.allocate({ bytes: 64, tag: 'a' });
    pool.free(span);
    pool.free(span);
    expect(pool.statistics()).toMatchObject({ allocatedBytes: 0, regions: [{ freeBytes: 4 * mebibyte }] });
  });

  test('serves who waits from the region that another brought', async () => {
    const { source, regions, used, asked } = memorySource();
    const pool = new Pool(source, eventLog().sink, options);
    const requests = Array.from({ length: 100 }, () => pool.allocate({ bytes: mebibyte / 4, tag: 'a' }));
    const spans = (await Promise.all(requests)).map(({ span }) => span);
    // 16 of them fill a region of 4 MiB.
    expect(asked).toEqual(new Array(7).fill(4 * mebibyte));
    expect(used()).toBe(28 * mebibyte);
    expect(pool.statistics()).toMatchObject({ allocatedBytes: 25 * mebibyte, peakReservedBytes: 28 * mebibyte });
    const places = spans.map(({ region, offset }) => `${[...regions].indexOf(region)} ${offset}`);
    expect(new Set(places).size).toBe(100);
  });

  test('gives a request that waits what is freed meanwhile', async () => {
    const { source, asked } = memorySource(2 * mebibyte);
    const pool = new Pool(source, eventLog().sink, options);
    const { span } = await pool.allocate({ bytes: mebibyte, tag: 'a' });
    await pool.allocate({ bytes: mebibyte, tag: 'a' });
    const waiting = pool.allocate({ bytes: mebibyte, tag: 'a' });
    pool.free(span);
    expect((await waiting).span.bytes).toBe(mebibyte);
    expect(asked).toEqual([4, 1, 4, 1].map((size) => size * mebibyte));
  });

  test('shares regions of a sixteenth of a small device or budget, and keeps an eighth when it lies idle', async () => {
    const small = memorySource(16 * mebibyte);
    const pool = new Pool(small.source, eventLog().sink, { ...options, regionBytes: 16 * mebibyte });
    const { span } = await pool.allocate({ bytes: 64, tag: 'a' });
    expect(small.used()).toBe(mebibyte);
    const others = [
      await pool.allocate({ bytes: mebibyte, tag: 'a' }),
      await pool.allocate({ bytes: mebibyte, tag: 'a' }),
    ];
    for (const one of [span, ...others.map((other) => other.span)]) pool.free(one);
    expect(small.used()).toBe(2 * mebibyte);
    const budgeted = memorySource();
    const tight = new Pool(budgeted.source, eventLog().sink, { ...options, budgetBytes: 8 * mebibyte });
    await tight.allocate({ bytes: 64, tag: 'a' });
    expect(budgeted.used()).toBe(mebibyte / 2);
  });

  test('takes just what is asked for before it gives up what lies idle', async () => {
    const { source, used } = memorySource(9 * mebibyte);
    const pool = new Pool(source, eventLog().sink, { ...options, retainBytes: 64 * mebibyte });
    const idle = await pool.allocate({ bytes: 6 * mebibyte, tag: 'a' });
    await pool.allocate({ bytes: 2.5 * mebibyte, tag: 'a' });
    pool.free(idle.span);
    // From what lies idle, as it is large enough.
    await pool.allocate({ bytes: 64, tag: 'a' });
    expect(used()).toBe(8.5 * mebibyte);
  });

  test('keeps within the budget where the backend gives more than was asked for', async () => {
    const { source, used } = memorySource();
    const generous: MemorySource = { ...source, reserve: (bytes, tier) => source.reserve(bytes + mebibyte, tier) };
    const pool = new Pool(generous, eventLog().sink, { ...options, budgetBytes: mebibyte });
    expect(await pool.acquire({ bytes: mebibyte / 2, tag: 'a' })).toMatchObject({ kind: 'over-budget' });
    expect(used()).toBe(0);
  });

  test('hands on why a backend refuses, and goes on afterwards', async () => {
    const { source } = memorySource();
    const lost = new HalyardError('device-lost', { found: 'it is gone', expected: 'a device', remedy: 'Get one.' });
    let refuses = true;
    const pool = new Pool(
      { ...source, reserve: (bytes, tier) => (refuses ? Promise.reject(lost) : source.reserve(bytes, tier)) },
      eventLog().sink,
      options,
    );
    const requests = [pool.allocate({ bytes: 64, tag: 'a' }), pool.allocate({ bytes: 64, tag: 'a' })];
    for (const outcome of await Promise.allSettled(requests)) expect(outcome).toMatchObject({ reason: lost });
    refuses = false;
    expect((await pool.allocate({ bytes: 64, tag: 'a' })).span.bytes).toBe(64);
    expect(pool.statistics().reservedBytes).toBe(4 * mebibyte);
  });

  test('gives back what comes after it was closed, and refuses who waits for it', async () => {
    const { source, used } = memorySource();
    const pool = new Pool(source, eventLog().sink, options);
    const waiting = [1, 2].map(() => pool.allocate({ bytes: 64, tag: 'a' }).catch((error: HalyardError) => error.code));
    await Promise.resolve();
    await pool.close();
    expect(used()).toBe(0);
    expect(await Promise.all(waiting)).toEqual(['destroyed', 'destroyed']);
  });

  test('never hands out the same bytes twice, and loses none', async () => {
    const step = fc.record({ bytes: fc.integer({ min: 0, max: 3 * mebibyte }), free: fc.nat(), frees: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { source, used } = memorySource();
        const pool = new Pool(source, eventLog().sink, options);
        const held: { region: Region; offset: number; bytes: number }[] = [];
        for (const { bytes, free, frees } of steps) {
          if (frees && held.length > 0) pool.free(held.splice(free % held.length, 1)[0]!);
          else held.push((await pool.allocate({ bytes, tag: 'a' })).span);
          for (const [index, one] of held.entries()) {
            expect(one.offset % options.alignment).toBe(0);
            expect(one.offset + one.bytes).toBeLessThanOrEqual(one.region.bytes);
            for (const other of held.slice(index + 1)) {
              const isApart = one.offset + one.bytes <= other.offset || other.offset + other.bytes <= one.offset;
              expect(one.region !== other.region || isApart).toBe(true);
            }
          }
        }
        for (const span of held) pool.free(span);
        pool.trim();
        expect(used()).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});
