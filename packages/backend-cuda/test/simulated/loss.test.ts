import { describe, expect, it } from 'vitest';
import { runContexts } from '../support/simulated-contexts.js';
import { canSimulate } from '../support/simulated-process.js';

const device = { architecture: 'sm_80', memoryBytes: 64 * 2 ** 20 };
const cpu = JSON.stringify(new URL('../../../backend-cpu/dist/index.js', import.meta.url).href);

/** A context that is about to lose its device, one on another GPU, one on the CPU; and what each promise of them came to. */
const three = `
const lost = await prepared(await open(0, { deviceOptions: { watchdogMs: 1000 } }));
const other = await prepared(await open(1));
const { default: cpu } = await import(${cpu});
const host = await prepared(await createContext({ device: 'cpu', backends: [cpu] }));
const every = [lost, other, host];
for (const work of every) await work.run(1);
const onLost = every.map(({ context }) => context.lost.then(({ message }) => message));
/** Everything that a context can be waiting for, at once. */
const everything = async ({ context, ...work }) => {
  const again = Object.assign(new Work(context), work);
  again.submit(2);
  const fresh = new Work(context);
  const tensor = context.createTensor({ dataType: 'uint8', shape: [9 * MiB] });
  const promises = [again.read(), fresh.build(), tensor, again.read(), fresh.allocate().then(() => 'allocated')];
  return Promise.all(promises.map(outcome));
};
`;

describe.runIf(canSimulate)('a device that is lost', () => {
  it.each([
    ['uploads', { function: 'cuMemcpyHtoDAsync_v2' }],
    ['is handed a graph', { function: 'cuGraphLaunch' }],
    ['computes', {}],
    ['is read', { function: 'cuMemcpyDtoHAsync_v2' }],
    ['compiles', { function: 'cuModuleLoadDataEx' }],
    ['takes memory', { function: 'cuMemCreate' }],
    ['marks an end', { function: 'cuEventRecord' }],
  ])(
    'while it %s fails all that is waited for there, and no other context',
    async (_phase, place) => {
      const { printed, errorOutput, status } = await runContexts(
        { devices: [device, device] },
        `
        ${three}
        arm(${JSON.stringify({ kind: 'lost', device: 0, ...place })});
        const outcomes = await Promise.all(every.map(everything));
        print(outcomes[0].filter((one) => one === 'device-lost').length >= 1);
        print(outcomes[0].filter((one) => typeof one === 'string' && one !== 'device-lost' && one !== 'ok'
          && one !== 'right' && one !== 'allocated'));
        print(outcomes.slice(1).map((results) => results.filter((one) => typeof one !== 'object')));
        print(typeof (await onLost[0]));
        // From now on nothing is begun there any more.
        print(await everything(lost).catch((error) => error.code));
        print(await Promise.all([
          outcome(lost.context.createTensor(square)), outcome(lost.build()), outcome(lost.read()),
        ]));
        print(await Promise.race([Promise.any(onLost.slice(1)), Promise.resolve('none')]));
        lost.destroy();
        print(await outcome(lost.context.destroy()));
        print(await Promise.all([other.run(5), host.run(6)]));
        for (const work of [other, host]) {
          work.destroy();
          await work.context.destroy();
        }
        const report = await look();
        print(report.objects);
        print(report.devices[1].usedBytes);
        `,
      );
      expect(errorOutput).toBe('');
      const fine = ['right', 'ok', 'right', 'allocated'];
      expect(printed.slice(0, 9)).toEqual([
        true,
        [],
        [fine, fine],
        'string',
        'device-lost',
        ['device-lost', 'device-lost', 'device-lost'],
        'none',
        'ok',
        ['right', 'right'],
      ]);
      for (const [kind, count] of Object.entries(printed[9] as Record<string, number>))
        expect([kind, count]).toEqual([kind, 0]);
      expect(printed[10]).toBe(0);
      expect(status).toBe(0);
    },
    60_000,
  );

  it('tells so to who waits for nothing else', async () => {
    const { printed, errorOutput } = await runContexts(
      { devices: [device, device] },
      `
      const work = await prepared(await open(0));
      await work.run(1);
      arm({ kind: 'lost', device: 0 });
      work.submit(2);
      // What an application has to do otherwise: waiting for a loss keeps no process alive.
      const busy = setInterval(() => {}, 1000);
      print((await work.context.lost).message.length > 0);
      clearInterval(busy);
      print(await outcome(work.read()));
      await work.context.destroy();
      `,
    );
    expect(errorOutput).toBe('');
    expect(printed).toEqual([true, 'device-lost']);
  });

  it('to a kernel that failed gives its memory back, and can be had anew', async () => {
    const { printed, errorOutput, status } = await runContexts(
      { devices: [device, device] },
      `
      ${three}
      const before = level(await look());
      arm({ kind: 'launch', device: 0 });
      print(await outcome(lost.run(2)));
      print(typeof (await onLost[0]));
      print(await Promise.all([other.run(3), host.run(4)]));
      lost.destroy();
      await lost.context.destroy();
      print([before.usedBytes > 0, level(await look()).usedBytes]);
      const again = await prepared(await open(0));
      print(await Promise.all([again.run(5), other.run(6), host.run(7)]));
      again.destroy();
      await again.context.destroy();
      print(level(await look()).usedBytes);
      `,
    );
    expect(errorOutput).toBe('');
    const right = ['right', 'right'];
    expect(printed).toEqual(['device-lost', 'string', right, [true, 0], ['right', ...right], 0]);
    expect(status).toBe(0);
  });

  it('does not keep a process alive that has nothing else to do', async () => {
    const { printed, status } = await runContexts(
      { devices: [device] },
      `
      const context = await open(0);
      void context.lost.then(() => print('lost'));
      print('end');
      `,
    );
    expect({ printed, status }).toEqual({ printed: ['end'], status: 0 });
  });

  it('because it hangs is given up by the watchdog; no other context waits for it', async () => {
    const { printed, errorOutput, status } = await runContexts(
      { devices: [device, device] },
      `
      ${three}
      arm({ kind: 'hang', device: 0 });
      const waiting = everything(lost);
      print(await Promise.all([other.run(3), host.run(4)]));
      print((await waiting).filter((one) => one === 'device-lost').length >= 2);
      print(await onLost[0]);
      print(await outcome(lost.read()));
      print(await outcome(lost.context.destroy()));
      print(await Promise.all([other.run(5), host.run(6)]));
      process.exit(0);
      `,
    );
    expect(errorOutput).toBe('');
    expect(printed).toEqual([
      ['right', 'right'],
      true,
      'no end of work on the device within 1000 ms',
      'device-lost',
      'ok',
      ['right', 'right'],
    ]);
    expect(status).toBe(0);
  });
});
