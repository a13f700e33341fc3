import { testBackend } from '@halyard/conformance';
import {
  type BackendPlugin,
  type Device,
  defineBackend,
  interpret,
  type Program,
  referencePlugin,
} from '@halyard/core';
import { describe, expect, it } from 'vitest';

/** Runs those tests of the suite whose names match on a backend, and gives the names of the ones that fail. */
async function failuresOf(plugin: BackendPlugin, which = /./): Promise<string[]> {
  const tests: { readonly name: string; readonly body: () => Promise<void> }[] = [];
  const path: string[] = [];
  const hooks = {
    describe: (name: string, body: () => void) => {
      path.push(name);
      body();
      path.pop();
    },
    it: (name: string, body: () => Promise<void>) => tests.push({ name: [...path.slice(1), name].join(': '), body }),
  };
  testBackend(plugin, hooks, { programs: 10, graphs: 3 });
  const failed: string[] = [];
  for (const { name, body } of tests) {
    if (!which.test(name)) continue;
    await Promise.resolve()
      .then(body)
      .catch(() => failed.push(name));
  }
  return failed;
}

/** The reference, but for what is done to the bindings of programs that have a step of one kind. */
const spoiled = (kind: string, spoil: (bytes: Uint8Array, program: Program) => void): BackendPlugin =>
  defineBackend({
    name: 'spoiled',
    compile: (program) => (bindings, workspace) => {
      interpret(program, bindings, workspace);
      if (!program.steps.some((step) => step.kind === kind)) return;
      program.bindings.forEach((binding, index) => {
        if (binding.role === 'output') spoil(bindings[index]!, program);
      });
    },
  });

/** The reference, with something else in place of a part of the device. */
const altered = (alter: (device: Device) => Partial<Device>): BackendPlugin => ({
  ...referencePlugin,
  async open(adapter, options) {
    const device = await referencePlugin.open(adapter, options);
    const parts = alter(device);
    return new Proxy(device, {
      get: (target, key) => {
        const value = Reflect.get(parts, key) ?? Reflect.get(target, key);
        return typeof value === 'function' && !(key in parts) ? value.bind(target) : value;
      },
    });
  },
});

describe('the suite', () => {
  it('fails nothing of the reference', async () => {
    expect(await failuresOf(referencePlugin)).toEqual([]);
  });

  it('finds sums that are wrong in the fifth digit', async () => {
    const failed = await failuresOf(
      spoiled('matmul', (bytes, program) => {
        if (program.tensors.some(({ type }) => type !== 'float32')) return;
        const floats = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
        for (let i = 0; i < floats.length; i++) floats[i]! *= 1.0001;
      }),
      /^(matmul|gather|queues)/,
    );
    expect(failed).toContain('matmul: multiplies every type and block format');
    expect(failed.filter((name) => !name.startsWith('matmul'))).toEqual([]);
  });

  it('finds an element that is moved by one unit in the last place where nothing rounds', async () => {
    const failed = await failuresOf(
      spoiled('gather', (bytes) => {
        if (bytes.length > 0) bytes[0]! ^= 1;
      }),
      /^gather/,
    );
    expect(failed).toContain('gather: gathers from the end, and clamps');
    expect(failed).toContain('gather: gathers at random');
  });

  it('finds writes beyond a view', async () => {
    const failed = await failuresOf(
      spoiled('map', (bytes) => {
        // The proof of probing, 12 bytes, is spared.
        if (bytes.length > 12) bytes[bytes.length - 1] = 0x55;
      }),
      /^map/,
    );
    expect(failed).toContain('map: reads and writes views of every sort');
  });

  it('finds memory that is not zero', async () => {
    const failed = await failuresOf(
      altered(({ memory }) => ({
        memory: Object.assign(Object.create(memory), {
          granularity: memory.granularity,
          bytes: memory.bytes?.bind(memory),
          release: memory.release.bind(memory),
          async reserve(bytes: number, tier: 'device' | 'pinned') {
            const region = await memory.reserve(bytes, tier);
            if (region) memory.bytes!({ region, offset: 0, bytes: region.bytes }).fill(1);
            return region;
          },
        }),
      })),
      /^memory/,
    );
    expect(failed).toContain('memory: reads as zeros when it is new, and when it was used before');
  });

  it('finds a queue that throws', async () => {
    const failed = await failuresOf(
      altered((device) => ({
        queue(kind) {
          const queue = device.queue(kind);
          return new Proxy(queue, {
            get: (target, key) => {
              if (key === 'fill') {
                return (...given: Parameters<typeof queue.fill>) => {
                  if (given[0].offset >= given[0].region.bytes) throw new RangeError('outside');
                  return queue.fill(...given);
                };
              }
              const value = Reflect.get(target, key);
              return typeof value === 'function' ? value.bind(target) : value;
            },
          });
        },
      })),
      /^queues/,
    );
    expect(failed).toContain(
      'queues that are asked for what cannot be: fail on spans outside of their region, without throwing',
    );
  });

  it('finds an adapter without a proof, and a probe that throws', async () => {
    const { adapters } = await referencePlugin.probe({ timeoutMs: 1000 });
    const silent = { ...adapters[0]!, proof: { ok: true, detail: '' } };
    const failed = await failuresOf(
      { ...referencePlugin, probe: async () => ({ adapters: [silent], refusals: [] }) },
      /^probing/,
    );
    expect(failed).toEqual(['probing: describes each adapter as plain data']);
    const thrown = await failuresOf(
      { ...referencePlugin, probe: () => Promise.reject(new Error('no driver')) },
      /^probing/,
    );
    expect(thrown).toContain('probing: answers within its time limit, and never throws');
  });

  it('fails where no adapter could prove itself', async () => {
    const { adapters } = await referencePlugin.probe({ timeoutMs: 1000 });
    const wrong = { ...adapters[0]!, proof: { ok: false, detail: '1 + 1 = 3' } };
    const plugin = { ...referencePlugin, probe: async () => ({ adapters: [wrong], refusals: [] }) };
    expect(await failuresOf(plugin, /^opening/)).toContain('opening and closing: closes when idle, and closes again');
  });

  it('tests probing alone where there is no hardware', async () => {
    const refusal = {
      code: 'spare:no-driver',
      found: 'no driver',
      expected: 'driver 5 or newer',
      remedy: 'Install it with `apt install spare-driver`.',
    };
    const plugin = { ...referencePlugin, probe: async () => ({ adapters: [], refusals: [refusal] }) };
    expect(await failuresOf(plugin)).toEqual([]);
  });
});
