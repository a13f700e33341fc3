import type { HalyardError, Span, Token } from '@halyard/core';
import { expectEqual, expectFailed, expectThat } from '../expect.js';
import type { TestHooks } from '../hooks.js';
import type { TestBench } from '../session/bench.js';
import type { Session } from '../session/session.js';
import { asFloats, floats, sumProgram } from './programs.js';

/** Fails on every device: nobody has that layout. What it should have written is poisoned. */
const failOn = (session: Session, to: Span): Token =>
  session.queue.pack([{ fingerprint: 'none', parts: [{ data: new Uint8Array(4) }] }], 'no-such-layout', to);

/** How failures travel, and how far. */
export function failureSuite(bench: TestBench, { describe, it }: TestHooks): void {
  describe('failures', () => {
    it('travel along `after`, and along what waits for that', () =>
      bench.share(async (session) => {
        const [bad, span] = [await session.reserve(16), await session.load(floats(1, 2))];
        const failed = failOn(session, bad);
        const second = session.queue.read(span, new Uint8Array(8), [failed]);
        const third = session.queue.read(span, new Uint8Array(8), [second]);
        await expectFailed(failed, 'packing into an unknown layout');
        await expectFailed(second, 'what waits for it');
        await expectFailed(third, 'what waits for that');
        await clean(session, bad, span);
      }));

    it('do not travel otherwise: what does not wait, and reads nothing of it, succeeds', () =>
      bench.share(async (session) => {
        const [bad, span] = [await session.reserve(16), await session.load(floats(1, 2))];
        const failed = failOn(session, bad);
        expectEqual(asFloats(await session.fetch(span)), [1, 2], 'an unrelated read');
        await expectFailed(failed, 'packing into an unknown layout');
        await clean(session, bad, span);
      }));

    it('poison what should have been written, until it is written anew', () =>
      bench.share(async (session) => {
        const span = await session.load(floats(1, 2, 3, 4));
        const half = { ...span, offset: 8, bytes: 8 };
        await expectFailed(failOn(session, half), 'packing into an unknown layout');
        expectEqual(asFloats(await session.fetch({ ...span, bytes: 8 })), [1, 2], 'the half that is not poisoned');
        const target = new Uint8Array(16).fill(77);
        const { code } = await expectFailed(session.queue.read(span, target), 'reading poisoned memory');
        expectEqual(code, 'poisoned', 'the code');
        await session.queue.write(floats(5, 6), half).wait();
        expectEqual(asFloats(await session.fetch(span)), [1, 2, 5, 6], 'what was written since');
        await clean(session, span);
      }));

    it('pass through programs: what is computed of poisoned memory is poisoned', () =>
      bench.share(async (session) => {
        const { program } = sumProgram(2);
        const executable = await session.device.compile(program, [{}]);
        const { bound, spans } = await session.bind(program, executable, [floats(1, 2), floats(3, 4), floats(0, 0)]);
        const [a, , y] = spans as [Span, Span, Span];
        const failed = failOn(session, a);
        const run = session.queue.run(bound);
        const read = session.queue.read(y, new Uint8Array(8));
        await expectFailed(failed, 'packing into an unknown layout');
        const ofRun: HalyardError = await expectFailed(run, 'a run over poisoned memory');
        expectEqual(ofRun.code, 'poisoned', 'the code of the run');
        await expectFailed(read, 'reading its result');
        await session.queue.write(floats(1, 2), a).wait();
        await session.queue.run(bound).wait();
        expectEqual(asFloats(await session.fetch(y)), [4, 6], 'the result once all is written anew');
        for (const span of spans) if (span) await clean(session, span);
      }));

    it('say what was found, what was expected, and what to do', () =>
      bench.share(async (session) => {
        const span = await session.reserve(16);
        const { details } = await expectFailed(failOn(session, span), 'packing into an unknown layout');
        expectThat(
          [details.found, details.expected, details.remedy].every((text) => text.length > 0),
          'all three',
          details,
        );
        await clean(session, span);
      }));
  });
}

async function clean(session: Session, ...spans: readonly Span[]): Promise<void> {
  for (const span of spans) {
    await session.queue.fill(span, 0).wait();
    session.release(span);
  }
}
