import type { CudaMajor } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { canSimulate, runSimulated } from '../support/simulated-process.js';

/** Which compiler a device was given, and y = 4·x of 3 with kernels that it made. */
const compute = `
for (const adapter of adapters) {
  const device = await plugin.open(adapter);
  print([adapter.architecture, adapter.versions.nvrtc, adapter.proof.ok, await (await prepare(device)).run(3)]);
  await device.close();
}
print(refusals);
`;

const devices = (...architectures: readonly string[]) =>
  architectures.map((architecture) => ({ architecture, memoryBytes: 64 * 2 ** 20 }));

describe.runIf(canSimulate)('NVRTC', () => {
  it.each<[string, CudaMajor, number, readonly string[]]>([
    ['11.8', '11', 11_080, ['sm_70', 'sm_75', 'sm_80', 'sm_86', 'sm_89', 'sm_90']],
    ['12.9', '12', 12_090, ['sm_70', 'sm_72', 'sm_80', 'sm_90', 'sm_100', 'sm_120']],
    [
      ...(['13.0', '13', 13_000] as const),
      ['sm_75', 'sm_80', 'sm_87', 'sm_90', 'sm_100', 'sm_103', 'sm_110', 'sm_120', 'sm_121'],
    ],
  ])('%s makes what a driver of its own version runs', async (version, major, driverVersion, architectures) => {
    const { printed, errorOutput } = await runSimulated(
      { devices: devices(...architectures), driverVersion },
      compute,
      [major],
    );
    expect(errorOutput).toBe('');
    expect(printed).toEqual([...architectures.map((architecture) => [architecture, version, true, 12]), []]);
  });

  it.each<[number, string, string]>([
    [13_000, '13.0', '12.9'],
    [12_090, '12.9', '12.9'],
    [12_080, '11.8', '11.8'],
  ])(
    'of several is the newest that a driver for %i accepts and that knows the device',
    async (driverVersion, a100, v100) => {
      const { printed, errorOutput } = await runSimulated(
        { devices: devices('sm_80', 'sm_70'), driverVersion },
        compute,
        ['11', '13', '12'],
      );
      expect(errorOutput).toBe('');
      expect(printed).toEqual([['sm_80', a100, true, 12], ['sm_70', v100, true, 12], []]);
    },
  );

  it('that is newer than the driver is refused, with what to install instead', async () => {
    const { printed } = await runSimulated({ devices: devices('sm_80', 'sm_70'), driverVersion: 12_040 }, compute, [
      '13',
      '12',
    ]);
    expect(printed).toHaveLength(1);
    expect(printed[0]).toMatchObject([
      {
        code: 'cuda:nvrtc-too-new',
        found: expect.stringMatching(/A100.*for CUDA 12\.4, refuses the PTX of NVRTC 12\.9 \(.*libnvrtc\.so\.12\)/),
        expected: 'NVRTC no newer than 12.4 that knows sm_80, or a newer driver',
        remedy: expect.stringContaining('pip install "nvidia-cuda-nvrtc-cu12<12.5"'),
      },
      { code: 'cuda:nvrtc-too-new', expected: 'NVRTC no newer than 12.4 that knows sm_70, or a newer driver' },
    ]);
  });

  it('that does not know the device is refused, with what does', async () => {
    const { printed } = await runSimulated({ devices: devices('sm_70'), driverVersion: 13_000 }, compute, ['13']);
    expect(printed).toMatchObject([
      [
        {
          code: 'cuda:nvrtc-missing',
          found: expect.stringContaining('(13.0, without sm_70)'),
          remedy: expect.stringContaining('pip install "nvidia-cuda-nvrtc-cu12<12.10"'),
        },
      ],
    ]);
  });
});
