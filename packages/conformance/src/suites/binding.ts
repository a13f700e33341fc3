import { HalyardError, type Span } from '@halyard/core';
import { expectEqual, expectThat } from '../expect.js';
import type { TestHooks } from '../hooks.js';
import type { TestBench } from '../session/bench.js';
import { accumulateProgram, asFloats, brokenProgram, floats, sumProgram } from './programs.js';

/** Compiling, binding, running again. */
export function bindingSuite(bench: TestBench, { describe, it }: TestHooks): void {
  describe('executables', () => {
    it('run again and again over what is in their bindings then', () =>
      bench.share(async (session) => {
        const { program } = accumulateProgram(3);
        const executable = await session.device.compile(program, [{}]);
        const { bound, spans } = await session.bind(program, executable, [floats(1, 2, 3), floats(0, 0, 0)]);
        for (let i = 0; i < 10; i++) session.queue.run(bound);
        expectEqual(asFloats(await session.fetch(spans[1]!)), [10, 20, 30], 'the state after ten runs');
      }));

    it('take another span in one slot; what was submitted before keeps the old one', () =>
      bench.share(async (session) => {
        const { program } = sumProgram(2);
        const executable = await session.device.compile(program, [{}]);
        const { bound, spans } = await session.bind(program, executable, [floats(1, 1), floats(10, 20), floats(0, 0)]);
        const [other, result] = [await session.load(floats(5, 5)), await session.reserve(8)];
        await session.queue.run(bound).wait();
        bound.rebind(0, other);
        bound.rebind(2, result);
        await session.queue.run(bound).wait();
        expectEqual(asFloats(await session.fetch(spans[2]!)), [11, 21], 'the first result');
        expectEqual(asFloats(await session.fetch(result)), [15, 25], 'the second result');
      }));

    it('are bound twice to different memory, and share a workspace in order', () =>
      bench.share(async (session) => {
        const { program } = sumProgram(2);
        const executable = await session.device.compile(program, [{}]);
        const first = await session.bind(program, executable, [floats(1, 2), floats(1, 1), floats(0, 0)]);
        const second = await session.bind(program, executable, [floats(3, 4), floats(1, 1), floats(0, 0)]);
        const tokens = [session.queue.run(first.bound), session.queue.run(second.bound)];
        expectEqual(asFloats(await session.fetch(first.spans[2]!, tokens)), [2, 3], 'the first result');
        expectEqual(asFloats(await session.fetch(second.spans[2]!, tokens)), [4, 5], 'the second result');
      }));

    it('work at offsets within regions', () =>
      bench.share(async (session) => {
        const { program } = sumProgram(2);
        const { alignment } = session.adapter.limits;
        const executable = await session.device.compile(program, [{}]);
        const all = await session.reserve(alignment * 8);
        const at = (slot: number): Span => ({ region: all.region, offset: slot * alignment, bytes: 8 });
        const workspace = await session.reserve(Math.max(1, executable.workspaceBytes));
        session.queue.write(floats(1, 2), at(1));
        session.queue.write(floats(3, 4), at(3));
        const bound = executable.bind([at(1), at(3), at(5)], [], workspace);
        session.queue.run(bound);
        expectEqual(asFloats(await session.fetch(at(5))), [4, 6], 'the sum');
        expectEqual(asFloats(await session.fetch({ ...at(6), bytes: 8 })), [0, 0], 'the memory behind it');
      }));

    it('say which kernel does each step', () =>
      bench.share(async ({ device }) => {
        const { program } = sumProgram(2);
        const choices = (await device.compile(program, [{}])).explain();
        expectEqual(
          choices.map(({ step }) => step),
          [0],
          'the steps explained',
        );
        expectThat(
          choices.every(({ kernel }) => kernel.length > 0),
          'a name for each kernel',
        );
      }));

    it('are not made of a program that breaks the contract', () =>
      bench.share(async ({ device }) => {
        const error = await device.compile(brokenProgram(), [{}]).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expectThat(error instanceof HalyardError && error.code === 'bad-program', 'bad-program', error);
      }));
  });
}
