import { type Device, HalyardError, type Program, referencePlugin, type Span } from '@halyard/core';
import { describe, expect, it } from 'vitest';

const open = async (): Promise<Device> => {
  const report = await referencePlugin.probe({ timeoutMs: 1000 });
  expect(report.refusals).toEqual([]);
  return referencePlugin.open(report.adapters[0]!);
};

const span = async (device: Device, bytes: number): Promise<Span> => {
  const region = (await device.memory.reserve(bytes, 'device'))!;
  return { region, offset: 0, bytes };
};

/** y = x · x, of n × n. */
const square = (n: number): Program => {
  const view = (tensor: number) => ({ tensor, offset: 0, shape: [n, n], strides: [n, 1] });
  return {
    version: { major: 1, minor: 0 },
    bindings: [
      { role: 'input', name: 'x', bytes: n * n * 4 },
      { role: 'output', name: 'y', bytes: n * n * 4 },
    ],
    tensors: [0, 1].map((binding) => ({ type: 'float32', shape: [n, n], at: { binding }, offset: 0 })),
    steps: [
      {
        kind: 'matmul',
        inputs: [view(0), view(0)],
        outputs: [view(1)],
        attributes: { multiply: 'float32', accumulate: 'float32' },
        after: [],
        origin: [],
      },
    ],
    workspaceBytes: 0,
  };
};

describe('the reference backend', () => {
  it('is probed with a proof and a score of 0', async () => {
    const { adapters } = await referencePlugin.probe({ timeoutMs: 1000 });
    expect(adapters).toHaveLength(1);
    expect(adapters[0]!.score).toBe(0);
    expect(adapters[0]!.proof.ok).toBe(true);
  });

  it('runs a program behind a write and before a read', async () => {
    const device = await open();
    const [x, y, workspace] = [await span(device, 16), await span(device, 16), await span(device, 0)];
    const executable = await device.compile(square(2), [{}]);
    const queue = device.queue('compute');
    const written = queue.write(Float32Array.of(1, 2, 3, 4), x);
    const ran = queue.run(executable.bind([x, y], [], workspace), [written]);
    const out = new Float32Array(4);
    expect(ran.isDone).toBe(false);
    await queue.read(y, out, [ran]).wait();
    expect([...out]).toEqual([7, 10, 15, 22]);
    await device.close();
  });

  it('does not hold the event loop longer than 20 ms', async () => {
    const device = await open();
    const n = 448;
    const [x, y, workspace] = [await span(device, n * n * 4), await span(device, n * n * 4), await span(device, 0)];
    const executable = await device.compile(square(n), [{}]);
    const bound = executable.bind([x, y], [], workspace);
    await device.queue('compute').run(bound).wait();
    const stretches: number[] = [];
    // Whatever else the machine does takes turns, too: the quietest of three runs counts.
    for (let round = 0; round < 3; round++) {
      let longest = 0;
      let last = performance.now();
      const timer = setInterval(() => {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }, 1);
      const start = performance.now();
      await device.queue('compute').run(bound).wait();
      clearInterval(timer);
      expect(performance.now() - start).toBeGreaterThan(40);
      stretches.push(longest);
    }
    expect(Math.min(...stretches)).toBeLessThan(20);
    await device.close();
  });

  it('refuses a program that breaks the contract', async () => {
    const device = await open();
    const program = square(2);
    const step = program.steps[0]!;
    const broken = { ...program, steps: [{ ...step, inputs: [{ ...step.inputs[0]!, offset: 1 }, step.inputs[1]!] }] };
    await expect(device.compile(broken, [{}])).rejects.toThrowError(HalyardError);
    await expect(device.compile(broken, [{}])).rejects.toMatchObject({ code: 'bad-program' });
  });
});
