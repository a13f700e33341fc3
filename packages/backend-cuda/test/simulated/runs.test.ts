import { readReports } from '@halyard/simulator';
import { afterAll, describe, expect, it } from 'vitest';
import { newFolder, removeFolders } from '../support/fake-driver.js';
import { canSimulate, runSimulated } from '../support/simulated-process.js';

const devices = [{ architecture: 'sm_80', memoryBytes: 64 * 2 ** 20 }];

afterAll(removeFolders);

describe.runIf(canSimulate)('a bound program', () => {
  it('is replayed, and follows what is bound anew without being made again', async () => {
    const { printed, errorOutput } = await runSimulated(
      { devices, faults: [{ kind: 'error', function: 'cuGraphInstantiateWithFlags', nth: 2 }] },
      `
      const { bound, run, span, device } = await prepare(await plugin.open(adapters[0]));
      for (const value of [1, 2, 3]) print(await run(value));
      bound.rebind(0, span(8192));
      print(await run(4, span(8192)));
      bound.rebind(1, span(12288));
      print(await run(5, span(8192), span(12288)));
      bound.rebind(0, span(0));
      print(await run(6, span(0), span(12288)));
      await device.close();
      `,
    );
    expect(errorOutput).toBe('');
    expect(printed).toEqual([4, 8, 12, 16, 20, 24]);
  });

  it('takes no notice of a rebind that comes after it was submitted', async () => {
    const { printed, errorOutput } = await runSimulated(
      { devices },
      `
      const { bound, queue, span, device } = await prepare(await plugin.open(adapters[0]));
      queue.write(new Float32Array(256).fill(1), span(0));
      queue.write(new Float32Array(256).fill(10), span(8192));
      queue.run(bound);
      bound.rebind(0, span(8192));
      bound.rebind(1, span(12288));
      queue.run(bound);
      const [first, second] = [new Float32Array(1), new Float32Array(1)];
      queue.read({ ...span(4096), bytes: 4 }, first);
      await queue.read({ ...span(12288), bytes: 4 }, second).wait();
      print([first[0], second[0]]);
      await device.close();
      `,
    );
    expect(errorOutput).toBe('');
    expect(printed).toEqual([[4, 40]]);
  });

  it('waits for another queue on the device, and hands on what failed there', async () => {
    const { printed, errorOutput } = await runSimulated(
      { devices },
      `
      const { bound, queue, span, device } = await prepare(await plugin.open(adapters[0]));
      const other = device.queue('copy');
      const results = [];
      for (let value = 1; value <= 20; value++) {
        const written = other.write(new Float32Array(256).fill(value), span(0));
        const ran = queue.run(bound, [written]);
        const result = new Float32Array(1);
        const read = other.read({ ...span(4096), bytes: 4 }, result, [ran]);
        results.push({ read, result });
      }
      await results.at(-1).read.wait();
      print(results.map(({ result }) => result[0]));
      const failed = other.write(new Float32Array(256), { ...span(0), bytes: 4 });
      print(await outcome(queue.run(bound, [failed]).wait()));
      await device.close();
      `,
    );
    expect(errorOutput).toBe('');
    expect(printed).toEqual([Array.from({ length: 20 }, (_, index) => 4 * (index + 1)), 'bad-argument']);
  });

  it.each([
    ['the same queue, whose order is kept', 'queue', false],
    ['the queue of copies, told to wait', 'copies', false],
    ['the queue of copies, a stream of its own, not told', 'careless', true],
  ])('is read through %s', async (_what, way, isUnordered) => {
    const report = newFolder();
    const { printed, errorOutput } = await runSimulated(
      { devices, report },
      `
      // Of so many elements that runs are under way when their result is asked for: one is done, the last far from it.
      const device = await plugin.open(adapters[0]);
      const bytes = 8 * MiB;
      const text = JSON.stringify(program).replaceAll('[256]', '[' + bytes / 4 + ']').replaceAll('1024', bytes);
      const executable = await device.compile(JSON.parse(text), [{}, {}]);
      const region = await device.memory.reserve(32 * MiB, 'device');
      const [x, y, workspace] = [0, 8, 16].map((at) => ({ region, offset: at * MiB, bytes }));
      const bound = executable.bind([x, y], [], { ...workspace, bytes: 16 * MiB });
      const [queue, copies] = [device.queue('compute'), device.queue('copy')];
      await copies.write(new Float32Array(bytes / 4).fill(1), x).wait();
      const runs = Array.from({ length: 20 }, () => queue.run(bound));
      const ran = runs.at(-1);
      await runs[0].wait();
      const result = new Float32Array(256);
      const read = {
        queue: () => queue.read({ ...y, bytes: 1024 }, result),
        copies: () => copies.read({ ...y, bytes: 1024 }, result, [ran]),
        careless: () => copies.read({ ...y, bytes: 1024 }, result),
      }[${JSON.stringify(way)}]();
      await Promise.all([ran.wait(), read.wait()]);
      print(result[255]);
      await device.close();
      `,
    );
    expect(errorOutput).toBe('');
    expect(printed).toEqual([4]);
    const findings = (await readReports(report)).flatMap((process) => process.findings);
    expect(findings.filter(({ kind }) => !kind.endsWith('-not-waited-for'))).toEqual([]);
    expect(findings.length > 0).toBe(isUnordered);
  });

  it('may be in flight when the process exits', async () => {
    const { status, signal } = await runSimulated(
      { devices },
      `
      const { bound, queue } = await prepare(await plugin.open(adapters[0]));
      for (let i = 0; i < 50; i++) queue.run(bound);
      process.exit(7);
      `,
    );
    expect({ status, signal }).toEqual({ status: 7, signal: null });
  });
});
