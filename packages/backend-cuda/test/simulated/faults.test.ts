import type { Refusal } from '@halyard/core';
import type { SimulatedEnvironmentOptions } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { runContexts } from '../support/simulated-contexts.js';
import { canSimulate, runSimulated } from '../support/simulated-process.js';

const device = { architecture: 'sm_80', memoryBytes: 64 * 2 ** 20 };
/** Each process counts for itself, and the one that probes runs a kernel and copies once, for the proof. */
const nth = 2;

const board = { multiprocessors: 7, clockMegahertz: 1234, memoryClockMegahertz: 1000, memoryBusBits: 256 };

describe.runIf(canSimulate)('probing', () => {
  it('finds each device with what the driver tells of it, and a proof that was computed', async () => {
    const { printed, errorOutput } = await runSimulated(
      {
        devices: [
          { ...device, ...board },
          { architecture: 'sm_90', memoryBytes: 128 * 2 ** 20 },
        ],
      },
      'print(refusals); print(adapters);',
    );
    expect(errorOutput).toBe('');
    expect(printed[0]).toEqual([]);
    expect(printed[1]).toMatchObject([
      {
        architecture: 'sm_80',
        computeUnits: 7,
        // Two transfers a clock over 32 bytes.
        memory: [{ tier: 'device', bytes: 64 * 2 ** 20, bytesPerSecond: 64e9 }],
        versions: { clockMegahertz: '1234', driver: '13.0', nvrtc: '13.0' },
        limits: { regionBytes: 64 * 2 ** 20 },
        types: expect.arrayContaining(['float32', 'float16', 'bfloat16', 'int8', 'q4_1']),
        links: [{ to: 'host', bytesPerSecond: expect.any(Number) }],
        proof: { ok: true },
      },
      { architecture: 'sm_90', memory: [{ tier: 'device', bytes: 128 * 2 ** 20 }], proof: { ok: true } },
    ]);
  });

  it.each<[string, SimulatedEnvironmentOptions, string]>([
    ['a crash inside a call', { faults: [{ kind: 'crash', function: 'cuDeviceGetCount' }] }, 'cuda:driver-crashed'],
    [
      'an error of the first call',
      { faults: [{ kind: 'error', function: 'cuInit', result: 'CUDA_ERROR_NO_DEVICE' }] },
      'cuda:no-device',
    ],
    ['a missing symbol', { faults: [{ kind: 'missing-symbol', function: 'cuGraphLaunch' }] }, 'cuda:symbol-missing'],
    ['a driver that is too old', { driverVersion: 11_040 }, 'cuda:driver-too-old'],
    ['no device at all', { devices: [] }, 'cuda:no-device'],
  ])('turns %s into a refusal, and another backend computes as before', async (_what, simulation, code) => {
    const { printed, errorOutput } = await runContexts(
      { devices: [device], ...simulation },
      `
      const host = await prepared(await createContext({ device: 'reference' }));
      print(await host.run(1));
      print(refusals);
      const error = await createContext({ device: 'cuda', backends: [plugin] }).catch((thrown) => thrown);
      print([error.code, error.details.found]);
      print(await host.run(2));
      `,
    );
    expect(errorOutput).toBe('');
    const words = expect.stringMatching(/./);
    const [before, refusals, error, after] = printed;
    expect([before, after]).toEqual(['right', 'right']);
    expect(refusals).toEqual([{ code, found: words, expected: words, remedy: words }]);
    expect(error).toEqual(['no-device', expect.stringContaining((refusals as [Refusal])[0].found)]);
  });
});

describe.runIf(canSimulate)('a device that fails', () => {
  it('to allocate is out of memory, and goes on', async () => {
    const { printed, errorOutput } = await runSimulated(
      {
        devices: [device],
        faults: [{ kind: 'error', function: 'cuMemCreate', nth: 1, result: 'CUDA_ERROR_OUT_OF_MEMORY' }],
      },
      `
      const device = await plugin.open(adapters[0]);
      print((await device.memory.reserve(2 * MiB, 'device')) === undefined);
      print(await (await prepare(device)).run(3));
      const rest = [];
      for (let region; (region = await device.memory.reserve(8 * MiB, 'device')); ) rest.push(region);
      print(rest.length > 4);
      for (const region of rest) device.memory.release(region);
      print((await device.memory.reserve(40 * MiB, 'device')).bytes / MiB);
      await device.close();
      `,
    );
    expect(errorOutput).toBe('');
    expect(printed).toEqual([true, 12, true, 40]);
  });

  it('in a copy fails that token and what waits for it, poisons the memory until it is written anew, and goes on', async () => {
    const { printed, errorOutput } = await runSimulated(
      {
        devices: [device],
        faults: [{ kind: 'error', function: 'cuMemcpyHtoDAsync_v2', nth, result: 'CUDA_ERROR_INVALID_VALUE' }],
      },
      `
      const { queue, bound, span, run, device } = await prepare(await plugin.open(adapters[0]));
      print(await outcome(queue.write(new Float32Array(256), span(8192)).wait()));
      print(await outcome(queue.write(new Float32Array(256), span(0)).wait()));
      print(await outcome(queue.run(bound).wait()));
      print(await run(2));
      await device.close();
      `,
    );
    expect(errorOutput).toBe('');
    expect(printed).toEqual(['ok', 'backend-failed', 'poisoned', 8]);
  });

  it.each([
    ['lost', { kind: 'lost', nth: 1 }],
    ['a launch that failed', { kind: 'launch', nth: 1 }],
  ] as const)(
    'for good (%s) fails every token with device-lost, tells so once, and leaves other devices alone',
    async (_what, fault) => {
      const { printed, errorOutput } = await runSimulated(
        { devices: [device, device], faults: [{ ...fault, nth, device: 0 }] },
        `
      const lostDevice = await prepare(await plugin.open(adapters[0]));
      const other = await prepare(await plugin.open(adapters[1]));
      const tokens = [1, 2, 3].map(() => lostDevice.queue.run(lostDevice.bound));
      print(await Promise.all(tokens.map((token) => outcome(token.wait()))));
      print(await outcome(lostDevice.device.queue('copy').fill(lostDevice.span(0), 0).wait()));
      print(typeof (await lostDevice.device.lost).reason);
      print(await outcome(lostDevice.device.compile(program, [{}, {}])));
      print(await other.run(5));
      await lostDevice.device.close();
      await other.device.close();
      `,
      );
      expect(errorOutput).toBe('');
      expect(printed).toEqual([
        ['device-lost', 'device-lost', 'device-lost'],
        'device-lost',
        'string',
        'device-lost',
        20,
      ]);
    },
  );

  it('to end its work counts as lost when the watchdog says so, and holds up nobody', async () => {
    const { printed, status, errorOutput } = await runSimulated(
      { devices: [device, device], faults: [{ kind: 'hang', nth, device: 0 }] },
      `
      const hung = await prepare(await plugin.open(adapters[0], { watchdogMs: 1000 }));
      const other = await prepare(await plugin.open(adapters[1]));
      const token = hung.queue.run(hung.bound);
      print(await other.run(5));
      print(await outcome(token.wait()));
      print((await hung.device.lost).reason);
      await hung.device.close();
      await other.device.close();
      process.exit(0);
      `,
    );
    expect(errorOutput).toBe('');
    expect(printed).toEqual([20, 'device-lost', 'no end of work on the device within 1000 ms']);
    expect(status).toBe(0);
  });
});

describe.runIf(canSimulate)('a driver that crashes when its device is open', () => {
  it('ends the process that computes, and no other', async () => {
    const { printed, status } = await runSimulated(
      { devices: [device] },
      `
      const { run, device } = await prepare(await plugin.open(adapters[0]));
      print(await run(1));
      if (process.env.HALYARD_TEST_CHILD === undefined) {
        const { spawn } = await import('node:child_process');
        const simulation = { ...JSON.parse(process.env.HALYARD_SIMULATOR) };
        simulation.faults = [{ kind: 'crash', function: 'cuGraphLaunch', nth: 2 }];
        // The same script, in a process of its own.
        const child = spawn(process.execPath, process.execArgv, {
          env: { ...process.env, HALYARD_TEST_CHILD: '1', HALYARD_SIMULATOR: JSON.stringify(simulation) },
          stdio: 'inherit',
        });
        print(await new Promise((resolve) => child.once('close', (_code, signal) => resolve(signal))));
      }
      print(await run(2));
      await device.close();
      `,
    );
    expect(printed).toEqual([4, 4, 'SIGSEGV', 8]);
    expect(status).toBe(0);
  });
});
