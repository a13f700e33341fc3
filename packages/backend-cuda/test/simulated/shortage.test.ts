import { describe, expect, it } from 'vitest';
import { runContexts } from '../support/simulated-contexts.js';
import { canSimulate } from '../support/simulated-process.js';

const devices = [
  { architecture: 'sm_80', memoryBytes: 64 * 2 ** 20 },
  { architecture: 'sm_80', memoryBytes: 64 * 2 ** 20 },
];
const MiB = 2 ** 20;

describe.runIf(canSimulate)('a memory budget', () => {
  it('is kept, and refused beyond with what is held, asked and allowed', async () => {
    const { printed, errorOutput } = await runContexts(
      { devices },
      `
      const context = await open(0, { memoryBudget: 16 * MiB });
      const memory = () => Object.values(context.telemetry.memory())[0];
      const bytes = (mebibytes) => ({ dataType: 'uint8', shape: [mebibytes * MiB] });
      const held = await context.createTensor(bytes(6));
      const idle = await context.createTensor(bytes(8));
      const error = await context.createTensor(bytes(4)).catch((thrown) => thrown);
      print([error.name, error.code, error.details]);
      idle.destroy();
      // What lies idle goes before a request is refused.
      const next = await context.createTensor(bytes(10));
      print(memory().reservedBytes / MiB);
      print(await outcome(context.createTensor(bytes(1))));
      next.destroy();
      print((await context.createTensor(bytes(1))).byteLength / MiB);
      print([memory().peakReservedBytes / MiB, (await look()).devices[0].peakBytes / MiB]);
      await context.destroy();
      print((await look()).devices[0].usedBytes);
      `,
    );
    expect(errorOutput).toBe('');
    const [error, ...rest] = printed;
    expect(error).toEqual([
      'HalyardError',
      'out-of-memory',
      {
        found: `${4 * MiB} bytes were asked for a tensor, with ${14 * MiB} bytes held, ${14 * MiB} bytes reserved and a budget of ${16 * MiB} bytes`,
        expected: 'room for them',
        remedy: expect.stringMatching(/^Raise memoryBudget, destroy tensors/),
      },
    ]);
    expect(rest).toEqual([16, 'out-of-memory', 1, [16, 16], 0]);
  });

  it('that a graph does not fit in fails its build, and everything else goes on', async () => {
    const { printed, errorOutput } = await runContexts(
      { devices },
      `
      const context = await open(0, { memoryBudget: 8 * MiB });
      const work = await prepared(context);
      print(await work.run(1));
      const memory = () => Object.values(context.telemetry.memory())[0].allocatedBytes;
      const before = memory();
      const large = { dataType: 'float32', shape: [1024, 1024] };
      const builder = new MLGraphBuilder(context);
      const x = builder.input('x', { dataType: 'float32', shape: [1024, 1] });
      const product = builder.matmul(x, builder.transpose(x));
      const twice = builder.matmul(builder.softmax(product, 1), builder.softmax(product, 0));
      print(await outcome(builder.build({ y: builder.reduceSum(builder.matmul(twice, product)) })));
      const weights = new MLGraphBuilder(context);
      const constant = weights.constant({ dataType: 'float32', shape: [3, 1024, 1024] }, new Float32Array(3 * 2 ** 20));
      print(await outcome(weights.build({ y: weights.reduceSum(constant, { axes: [0] }) })));
      // A state is a tensor of the user's.
      print(await outcome(context.createTensor({ dataType: 'float32', shape: [4, 1024, 1024] })));
      print(memory() - before);
      print(await work.run(2));
      await context.destroy();
      `,
    );
    expect(errorOutput).toBe('');
    expect(printed).toEqual(['right', 'out-of-memory', 'out-of-memory', 'out-of-memory', 0, 'right']);
  });
});

describe.runIf(canSimulate)('a device that is full', () => {
  it.each(['mapped', 'ordered', 'plain'])(
    'refuses with a typed error, and serves again what is given back (memory %s)',
    async (memory) => {
      const { printed, errorOutput } = await runContexts(
        { devices },
        `
        const context = await open(0, { deviceOptions: { memory: '${memory}' } });
        const work = await prepared(context);
        const other = await prepared(await open(1, { deviceOptions: { memory: '${memory}' } }));
        const chunk = { dataType: 'uint8', shape: [3 * MiB] };
        const fill = await Promise.allSettled(Array.from({ length: 30 }, () => context.createTensor(chunk)));
        const tensors = fill.flatMap(({ value }) => value ?? []);
        print(tensors.length >= 13);
        print([...new Set(fill.flatMap(({ reason }) => reason?.code ?? []))]);
        print([await work.run(3), await other.run(4)]);
        for (const tensor of tensors) tensor.destroy();
        print((await context.createTensor({ dataType: 'uint8', shape: [40 * MiB] })).byteLength / MiB);
        print(await work.run(5));
        await context.destroy();
        await other.context.destroy();
        print(level(await look()).usedBytes);
        `,
      );
      expect(errorOutput).toBe('');
      expect(printed).toEqual([true, ['out-of-memory'], ['right', 'right'], 40, 'right', 0]);
    },
  );

  it('holds little more than what was asked for, however many ask at once', async () => {
    const { printed, errorOutput } = await runContexts(
      { devices },
      `
      const context = await open(0);
      const chunk = { dataType: 'uint8', shape: [MiB / 4] };
      await Promise.all(Array.from({ length: 100 }, () => context.createTensor(chunk)));
      const { allocatedBytes, peakReservedBytes } = Object.values(context.telemetry.memory())[0];
      print([allocatedBytes / MiB, peakReservedBytes / MiB]);
      print((await look()).devices[0].peakBytes / MiB);
      await context.destroy();
      `,
    );
    expect(errorOutput).toBe('');
    expect(printed).toEqual([[25, 28], 28]);
  });
});

interface Failed {
  readonly phase: string;
  readonly code: string;
  readonly cause?: string;
}

describe.runIf(canSimulate)('a call that is refused for want of memory, whichever it is,', () => {
  it.each(['mapped', 'ordered', 'plain'])(
    'fails what needed it with a typed error; nothing is lost, and all goes on (memory %s)',
    async (memory) => {
      const { printed, errorOutput } = await runContexts(
        { devices },
        `
        const options = { deviceOptions: { memory: '${memory}' } };
        const keeper = await prepared(await open(0, options));
        const other = await prepared(await open(1, options));
        await keeper.run(1);
        await other.run(1);
        const phases = {
          create: async (work) => { work.context ??= await open(0, options); },
          allocate: async (work) => {
            await work.allocate();
            // Too large to be had in any smaller region.
            work.large ??= await work.context.createTensor({ dataType: 'uint8', shape: [6 * MiB] });
          },
          build: (work) => work.build(),
          run: (work) => work.run(3),
          read: (work) => work.read(),
          again: (work) => work.run(4),
        };
        const failed = [];
        const leaks = [];
        for (let nth = 1, struck = 1; struck > 0; nth++) {
          const before = level(await look());
          const work = new Work();
          arm({ kind: 'creation', nth });
          struck = 0;
          for (const [phase, go] of Object.entries(phases)) {
            try {
              await go(work);
            } catch (error) {
              failed.push({ phase, code: error.code, cause: error.cause?.code });
              arm();
              struck++;
              await go(work);
            }
          }
          struck += (await look()).faults[0]?.fired ?? 0;
          work.destroy();
          await work.context.destroy();
          const after = level(await look());
          if (JSON.stringify(after) !== JSON.stringify(before)) leaks.push({ nth, after, before });
          if ((await keeper.run(nth)) !== 'right' || (await other.run(nth)) !== 'right') throw new Error('others');
        }
        print(failed);
        print(leaks);
        await keeper.context.destroy();
        await other.context.destroy();
        print(level(await look()));
        `,
      );
      expect(errorOutput).toBe('');
      const [failed, leaks, end] = printed as [Failed[], unknown[], Record<string, number>];
      expect(leaks).toEqual([]);
      expect(new Set(failed.map(({ code, cause }) => (code === 'poisoned' ? cause : code)))).toEqual(
        new Set(['out-of-memory']),
      );
      expect([...new Set(failed.map(({ phase }) => phase))]).toEqual(
        expect.arrayContaining(['create', 'allocate', 'build', 'run']),
      );
      expect(Object.values(end).every((count) => count === 0)).toBe(true);
    },
    120_000,
  );
});
