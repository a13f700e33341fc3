import { expectEqual, expectThat } from '../expect.js';
import type { TestHooks } from '../hooks.js';
import type { TestBench } from '../session/bench.js';

/** The memory source: granularity, zeros, exhaustion. */
export function memorySuite(bench: TestBench, { describe, it }: TestHooks): void {
  describe('memory', () => {
    it('comes in multiples of its granularity', () =>
      bench.share(async ({ device, adapter }) => {
        const { granularity } = device.memory;
        expectThat(Number.isInteger(granularity) && granularity > 0, 'a granularity of whole bytes', granularity);
        for (const tier of ['device', 'pinned'] as const) {
          const region = await device.memory.reserve(granularity * 3, tier);
          if (!region) continue;
          expectThat(
            region.bytes >= granularity * 3 && region.bytes % granularity === 0,
            'whole granules',
            region.bytes,
          );
          expectEqual([region.device, region.tier], [adapter.id, tier], 'the region’s device and tier');
          device.memory.release(region);
        }
      }));

    it('reads as zeros when it is new, and when it was used before', () =>
      bench.share(async (session) => {
        for (let round = 0; round < 3; round++) {
          const span = await session.reserve(4096);
          expectThat(
            (await session.fetch(span)).every((byte) => byte === 0),
            'zeros',
          );
          await session.queue.fill(span, 0xff).wait();
          session.release(span);
        }
      }));

    it('says that there is no more, which is no error', () =>
      bench.share(async ({ device }) => {
        const { granularity } = device.memory;
        const region = await device.memory.reserve(Math.floor(2 ** 52 / granularity) * granularity, 'device');
        expectThat(region === undefined, 'nothing, where four petabytes are asked for', region);
      }));

    it('is given out again after it was released', () =>
      bench.share(async ({ device }) => {
        const { granularity } = device.memory;
        const bytes = Math.ceil(2 ** 20 / granularity) * granularity;
        for (let round = 0; round < 100; round++) {
          const region = await device.memory.reserve(bytes, 'device');
          expectThat(region !== undefined, `a megabyte in round ${round}`);
          device.memory.release(region);
        }
      }));

    it('that JavaScript can reach is the memory that queues work on', () =>
      bench.share(async (session) => {
        const { memory } = session.device;
        if (!memory.bytes) return;
        const span = await session.load(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
        const part = { ...span, offset: 2, bytes: 4 };
        expectEqual(memory.bytes(part), Uint8Array.of(3, 4, 5, 6), 'the bytes of a part');
        memory.bytes(part)[0] = 99;
        expectEqual((await session.fetch(span))[2], 99, 'what a queue reads');
        session.release(span);
      }));
  });
}
