import { describe, expect, it } from 'vitest';
import { runContexts } from '../support/simulated-contexts.js';
import { canSimulate, runSimulated } from '../support/simulated-process.js';

const devices = [{ architecture: 'sm_80', memoryBytes: 64 * 2 ** 20 }];

describe.runIf(canSimulate)('memory of the device', () => {
  it('grows and shrinks in place: what is there stays, what is new reads as zeros, what is cut off comes back', async () => {
    const { printed, errorOutput } = await runSimulated(
      { devices },
      `
      const device = await plugin.open(adapters[0]);
      const queue = device.queue('copy');
      const region = await device.memory.reserve(16 * MiB, 'device');
      await queue.fill({ region, offset: 0, bytes: 16 * MiB }, 7).wait();
      print(await device.memory.resize(region, 40 * MiB));
      print(region.bytes / MiB);
      const end = new Uint8Array(2);
      await queue.read({ region, offset: 16 * MiB - 1, bytes: 2 }, end).wait();
      print([...end]);
      print(await device.memory.reserve(32 * MiB, 'device') === undefined);
      print(await device.memory.resize(region, 256 * MiB));
      print(await device.memory.resize(region, 8 * MiB));
      print(region.bytes / MiB);
      const other = await device.memory.reserve(24 * MiB, 'device');
      print(other.bytes / MiB);
      await queue.read({ region, offset: 8 * MiB - 2, bytes: 2 }, end).wait();
      print([...end]);
      await device.close();
      `,
    );
    expect(errorOutput).toBe('');
    expect(printed).toEqual([true, 40, [7, 0], true, false, true, 8, 24, [7, 7]]);
  });

  it.each(['mapped', 'ordered', 'plain'])(
    'that is %s reads as zeros, can be had again, and ends without an error',
    async (memory) => {
      const { printed, errorOutput } = await runSimulated(
        { devices },
        `
      const device = await plugin.open(adapters[0], { memory: '${memory}' });
      const queue = device.queue('copy');
      for (let round = 0; round < 5; round++) {
        const region = await device.memory.reserve(32 * MiB, 'device');
        const bytes = new Uint8Array(4096).fill(1);
        await queue.read({ region, offset: 31 * MiB, bytes: 4096 }, bytes).wait();
        print(bytes.every((byte) => byte === 0));
        await queue.fill({ region, offset: 0, bytes: 32 * MiB }, 255).wait();
        device.memory.release(region);
      }
      print(await outcome(device.memory.reserve(2 ** 50, 'device')) );
      await device.close();
      `,
      );
      expect(errorOutput).toBe('');
      expect(printed).toEqual([true, true, true, true, true, 'ok']);
    },
  );

  it.each([
    ['mapped', []],
    ['ordered', ['cuMemAddressReserve']],
    ['plain', ['cuMemAddressReserve', 'cuMemAllocAsync']],
  ])('is %s where the driver lacks %j', async (memory, missing) => {
    const faults = missing.map((symbol) => ({ kind: 'missing-symbol', function: symbol }) as const);
    const { printed, errorOutput } = await runContexts(
      { devices, faults },
      `
      print([refusals, adapters[0].versions.memory]);
      const work = await prepared(await open(0));
      print(await work.run(3));
      await work.context.destroy();
      const { calls } = await look();
      print({ mapped: calls.cuMemMap > 0, ordered: calls.cuMemAllocAsync > 0, plain: calls.cuMemAlloc_v2 > 0 });
      `,
    );
    expect(errorOutput).toBe('');
    const only = { mapped: false, ordered: false, plain: false, [memory]: true };
    expect(printed).toEqual([[[], memory], 'right', only]);
  });

  it('is copied through staging in any size, and between devices', async () => {
    const { printed, errorOutput } = await runSimulated(
      { devices: [devices[0]!, devices[0]!] },
      `
      const [here, there] = [await plugin.open(adapters[0]), await plugin.open(adapters[1])];
      const bytes = 11 * MiB + 5;
      const from = Uint8Array.from({ length: bytes }, (_, index) => (index * 7 + (index >> 12)) & 255);
      const first = { region: await here.memory.reserve(12 * MiB, 'device'), offset: 3, bytes };
      const second = { region: await there.memory.reserve(12 * MiB, 'device'), offset: 1, bytes };
      await here.queue('copy').write(from, first).wait();
      await here.queue('copy').copy(first, second).wait();
      const to = new Uint8Array(bytes);
      await there.queue('copy').read(second, to).wait();
      print(Buffer.compare(from, to));
      await Promise.all([here.close(), there.close()]);
      `,
    );
    expect(errorOutput).toBe('');
    expect(printed).toEqual([0]);
  });
});
