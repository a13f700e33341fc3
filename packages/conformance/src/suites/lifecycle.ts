import { expectFailed, expectThat, expectToken } from '../expect.js';
import type { TestHooks } from '../hooks.js';
import type { TestBench } from '../session/bench.js';
import { manyRuns, sumProgram } from './programs.js';

/** Opening and closing, with and without work in flight. */
export function lifecycleSuite(bench: TestBench, { describe, it }: TestHooks): void {
  describe('opening and closing', () => {
    it('opens an adapter twice; each device has memory and queues of its own', async () => {
      await bench.alone((first) =>
        bench.alone(async (second) => {
          const here = await first.load(Uint8Array.of(1, 2, 3, 4));
          const there = await second.load(Uint8Array.of(5, 6, 7, 8));
          expectThat((await first.fetch(here))[0] === 1 && (await second.fetch(there))[0] === 5, 'each its own bytes');
        }),
      );
    });

    it('closes when idle, and closes again', async () => {
      await bench.alone(async ({ device }) => {
        await device.close();
        await device.close();
      });
    });

    it('waits for what is in flight when it closes', async () => {
      await bench.alone(async (session) => {
        const { tokens } = await manyRuns(session, 20);
        await session.device.close();
        expectThat(
          tokens.every(({ isDone }) => isDone),
          'every token to be done once close has resolved',
        );
      });
    });

    it('fails what is submitted after it closed, without throwing', async () => {
      await bench.alone(async (session) => {
        const span = await session.reserve(64);
        await session.device.close();
        const token = expectToken(() => session.queue.fill(span, 1), 'filling after close');
        await expectFailed(token, 'filling after close');
      });
    });

    it('does not report a device as lost that was closed', async () => {
      await bench.alone(async ({ device }) => {
        await device.close();
        const outcome = await Promise.race([device.lost.then(() => 'lost'), pause(20).then(() => 'kept')]);
        expectThat(outcome === 'kept', 'the promise of being lost to stay pending', outcome);
      });
    });

    it('compiles many times, and forgets what was disposed', async () => {
      await bench.alone(async ({ device }) => {
        for (let i = 0; i < 50; i++) (await device.compile(sumProgram(8).program, [{}])).dispose();
      });
    });
  });
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
