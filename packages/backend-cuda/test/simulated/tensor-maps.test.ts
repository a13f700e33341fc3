import { describe, expect, it } from 'vitest';
import { canSimulate, runSimulated } from '../support/simulated-process.js';

const devices = [{ architecture: 'sm_90', memoryBytes: 64 * 2 ** 20 }];

/** y = a · b of m × 64 by 64 × n in float16, all elements of a and of b alike, bound at places that change. */
const product = (m: number, n: number) => `
const shape = { a: [${m}, 64], b: [64, ${n}], y: [${m}, ${n}] };
const bytes = { a: ${2 * m * 64}, b: ${2 * 64 * n}, y: ${4 * m * n} };
const at = (tensor, [rows, columns]) => ({ tensor, offset: 0, shape: [rows, columns], strides: [columns, 1] });
const matmul = {
  version: { major: 1, minor: 0 },
  bindings: [
    { role: 'input', name: 'a', bytes: bytes.a },
    { role: 'input', name: 'b', bytes: bytes.b },
    { role: 'output', name: 'y', bytes: bytes.y },
  ],
  tensors: [
    { type: 'float16', shape: shape.a, at: { binding: 0 }, offset: 0 },
    { type: 'float16', shape: shape.b, at: { binding: 1 }, offset: 0 },
    { type: 'float32', shape: shape.y, at: { binding: 2 }, offset: 0 },
  ],
  steps: [{
    kind: 'matmul', inputs: [at(0, shape.a), at(1, shape.b)], outputs: [at(2, shape.y)],
    attributes: { multiply: 'float16', accumulate: 'float32' }, after: [], origin: [],
  }],
  workspaceBytes: 0,
};
const device = await plugin.open(adapters[0]);
const executable = await device.compile(matmul, [{}]);
const region = await device.memory.reserve(4 * MiB, 'device');
let used = 0;
const span = (bytes) => ({ region, offset: (used += bytes) - bytes, bytes });
const [a, b, y, elsewhere] = [span(bytes.a), span(bytes.b), span(bytes.y), span(bytes.a)];
const bound = executable.bind([a, b, y], [], span(MiB));
const queue = device.queue('compute');
const fill = (to, bits) => queue.write(new Uint16Array(to.bytes / 2).fill(bits), to);
const [one, two, three] = [0x3c00, 0x4000, 0x4200];
const run = async () => {
  queue.run(bound);
  const result = new Float32Array(${m * n});
  await queue.read(y, result).wait();
  return [...new Set(result)];
};
fill(a, two);
fill(b, three);
fill(elsewhere, one);
print(executable.explain().map(({ kernel, configuration: { cluster } }) => [kernel, cluster]));
`;

describe.runIf(canSimulate)('a program whose kernels take tensor maps', () => {
  it.each([
    ['blocks by themselves', 128, 64, 132, 1],
    ['clusters of blocks that share copies', 256, 512, 2, 2],
  ])('runs, and its maps follow what is bound anew: %s', async (_, m, n, multiprocessors, cluster) => {
    const { printed, errorOutput } = await runSimulated(
      { devices: devices.map((device) => ({ ...device, multiprocessors })) },
      `${product(m, n)}
      print(await run());
      bound.rebind(0, elsewhere);
      print(await run());
      bound.rebind(0, a);
      print(await run());
      await device.close();
      `,
    );
    expect(errorOutput).toBe('');
    expect(printed).toEqual([[['matmul-warpgroup-float16', cluster]], [64 * 6], [64 * 3], [64 * 6]]);
  });

  it('ends in an error where the driver makes no maps', async () => {
    const { printed } = await runSimulated(
      { devices, faults: [{ kind: 'missing-symbol', function: 'cuTensorMapEncodeTiled' }] },
      `${product(128, 64)}
      print(await outcome(queue.run(bound).wait()));
      await device.close();
      `,
    );
    expect(printed).toEqual([[['matmul-warpgroup-float16', 1]], 'cuda:symbol-missing']);
  });
});
