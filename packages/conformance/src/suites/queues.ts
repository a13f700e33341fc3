import { expectEqual, expectFailed, expectThat, expectToken } from '../expect.js';
import type { TestHooks } from '../hooks.js';
import type { TestBench } from '../session/bench.js';
import { asFloats, floats, manyRuns, sumProgram } from './programs.js';

/** Order, tokens, and transfers. */
export function queueSuite(bench: TestBench, { describe, it }: TestHooks): void {
  describe('queues', () => {
    it('copy what is written before the call returns', () =>
      bench.share(async (session) => {
        const span = await session.reserve(4);
        const source = Uint8Array.of(1, 2, 3, 4);
        const token = session.queue.write(source, span);
        source.fill(9);
        expectEqual(await session.fetch(span, [token]), Uint8Array.of(1, 2, 3, 4), 'what was written');
        session.release(span);
      }));

    it('write, fill, copy and read parts of regions', () =>
      bench.share(async (session) => {
        const [from, to] = [
          await session.load(Uint8Array.from({ length: 64 }, (_, index) => index)),
          await session.reserve(64),
        ];
        session.queue.fill({ ...to, offset: 8, bytes: 16 }, 7);
        session.queue.copy({ ...from, offset: 32, bytes: 4 }, { ...to, offset: 12, bytes: 4 });
        const found = await session.fetch(to);
        expectEqual(found.subarray(6, 18), Uint8Array.of(0, 0, 7, 7, 7, 7, 32, 33, 34, 35, 7, 7), 'bytes 6 to 18');
        expectThat(
          found.subarray(24).every((byte) => byte === 0),
          'nothing beyond what was filled',
        );
        session.release(from);
        session.release(to);
      }));

    it('read into a view of any kind, and only into it', () =>
      bench.share(async (session) => {
        const span = await session.load(floats(1, 2));
        const target = new Float32Array(4);
        await session.queue.read(span, target.subarray(1, 3)).wait();
        expectEqual([...target], [0, 1, 2, 0], 'the array');
        session.release(span);
      }));

    it('keep the order of what is submitted', () =>
      bench.share(async (session) => {
        const span = await session.reserve(4);
        for (let i = 0; i < 100; i++) session.queue.write(Uint8Array.of(i, i, i, i), span);
        expectEqual(await session.fetch(span), Uint8Array.of(99, 99, 99, 99), 'the last that was written');
        session.release(span);
      }));

    it('give tokens that are done once, for good, and can be waited for again and again', () =>
      bench.share(async (session) => {
        const { tokens } = await manyRuns(session, 10);
        const last = tokens.at(-1)!;
        await last.wait();
        expectThat(
          tokens.every(({ isDone }) => isDone),
          'all earlier tokens of the queue to be done',
        );
        expectThat(
          tokens.every(({ error }) => error === undefined),
          'no errors',
        );
        await Promise.all([last.wait(), last.wait()]);
      }));

    it('wait for tokens of other queues of the device', () =>
      bench.share(async (session) => {
        const other = session.device.queue('copy');
        const span = await session.reserve(8);
        for (let i = 0; i < 50; i++) {
          const written = session.queue.write(floats(i, i), span);
          const target = new Float32Array(2);
          const read = other.read(span, target, [written]);
          await read.wait();
          expectEqual([...target], [i, i], 'what the other queue read');
        }
        session.release(span);
      }));

    it('run programs between writes and reads, without waiting in between', () =>
      bench.share(async (session) => {
        const { program } = sumProgram(2);
        const executable = await session.device.compile(program, [{}]);
        const { bound, spans } = await session.bind(program, executable, [floats(0, 0), floats(10, 20), floats(0, 0)]);
        const results: Float32Array[] = [];
        for (let i = 0; i < 20; i++) {
          session.queue.write(floats(i, i), spans[0]!);
          session.queue.run(bound);
          const result = new Float32Array(2);
          results.push(result);
          session.queue.read(spans[2]!, result);
        }
        await session.queue.fill(spans[2]!, 0).wait();
        expectEqual(
          results.map((result) => [...result]),
          results.map((_, i) => [10 + i, 20 + i]),
          'the results',
        );
      }));

    it('never hold the caller: a call returns before its work is done', () =>
      bench.share(async (session) => {
        const { tokens } = await manyRuns(session, 50);
        expectThat(!tokens.at(-1)!.isDone, 'the last of fifty runs not to be done when it has been submitted');
        await tokens.at(-1)!.wait();
      }));
  });

  describe('queues that are asked for what cannot be', () => {
    it('fail on spans outside of their region, without throwing', () =>
      bench.share(async (session) => {
        const span = await session.reserve(64);
        const outside = { ...span, offset: span.region.bytes, bytes: 16 };
        const target = new Uint8Array(16);
        const { queue } = session;
        for (const [what, submit] of [
          ['a fill outside', () => queue.fill(outside, 1)],
          ['a write outside', () => queue.write(target, outside)],
          ['a read outside', () => queue.read(outside, target)],
          ['a copy to outside', () => queue.copy({ ...span, bytes: 16 }, outside)],
        ] as const) {
          await expectFailed(expectToken(submit, what), what);
        }
        await queue.fill(span, 1).wait();
        session.release(span);
      }));

    it('fail on a longer source than there is room for', () =>
      bench.share(async (session) => {
        const span = await session.reserve(16);
        const token = expectToken(
          () => session.queue.write(new Uint8Array(32), { ...span, bytes: 16 }),
          'a long write',
        );
        await expectFailed(token, 'a long write');
        await session.queue.fill(span, 0).wait();
        session.release(span);
      }));

    it('go on working after a failure', () =>
      bench.share(async (session) => {
        const span = await session.load(floats(1, 2));
        const failed = session.queue.fill({ ...span, offset: span.region.bytes, bytes: 8 }, 1);
        expectEqual(asFloats(await session.fetch(span)), [1, 2], 'what a later read gives');
        await expectFailed(failed, 'a fill outside');
        session.release(span);
      }));
  });
}
