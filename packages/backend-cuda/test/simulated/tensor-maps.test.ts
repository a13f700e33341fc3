import { describe, expect, it } from 'vitest';
import { canSimulate, runSimulated } from '../support/simulated-process.js';

const devices = [{ architecture: 'sm_90', memoryBytes: 64 * 2 ** 20 }];

/** y = a · b of 128 × 64 by 64 × 64 in float16, all elements of a and of b alike, bound at places that change. */
const product = `
const shape = { a: [128, 64], b: [64, 64], y: [128, 64] };
const at = (tensor, [rows, columns]) => ({ tensor, offset: 0, shape: [rows, columns], strides: [columns, 1] });
const matmul = {
  version: { major: 1, minor: 0 },
  bindings: [
    { role: 'input', name: 'a', bytes: 16384 },
    { role: 'input', name: 'b', bytes: 8192 },
    { role: 'output', name: 'y', bytes: 32768 },
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
const region = await device.memory.reserve(2 * MiB, 'device');
const span = (offset, bytes) => ({ region, offset, bytes });
const [a, b, y, elsewhere] = [span(0, 16384), span(16384, 8192), span(32768, 32768), span(65536, 16384)];
const bound = executable.bind([a, b, y], [], span(131072, 1048576));
const queue = device.queue('compute');
const fill = (to, bits) => queue.write(new Uint16Array(to.bytes / 2).fill(bits), to);
const [one, two, three] = [0x3c00, 0x4000, 0x4200];
const run = async () => {
  queue.run(bound);
  const result = new Float32Array(8192);
  await queue.read(y, result).wait();
  return [...new Set(result)];
};
fill(a, two);
fill(b, three);
fill(elsewhere, one);
print(executable.explain().map(({ kernel }) => kernel));
`;

describe.runIf(canSimulate)('a program whose kernels take tensor maps', () => {
  it('runs, and its maps follow what is bound anew', async () => {
    const { printed, errorOutput } = await runSimulated(
      { devices },
      `${product}
      print(await run());
      bound.rebind(0, elsewhere);
      print(await run());
      bound.rebind(0, a);
      print(await run());
      await device.close();
      `,
    );
    expect(errorOutput).toBe('');
    expect(printed).toEqual([['matmul-warpgroup-float16'], [64 * 6], [64 * 3], [64 * 6]]);
  });

  it('ends in an error where the driver makes no maps', async () => {
    const { printed } = await runSimulated(
      { devices, faults: [{ kind: 'missing-symbol', function: 'cuTensorMapEncodeTiled' }] },
      `${product}
      print(await outcome(queue.run(bound).wait()));
      await device.close();
      `,
    );
    expect(printed).toEqual([['matmul-warpgroup-float16'], 'cuda:symbol-missing']);
  });
});
