import { simulatedEnvironment } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { driverProgram } from './driver-program.js';

const { run } = driverProgram('loading');

describe('a driver', () => {
  it('finds no device where there is none, and is not to be used then', async () => {
    const { said } = await run('start', { devices: [] });
    expect(said).toEqual({ init: 'CUDA_ERROR_NO_DEVICE', count: 'CUDA_ERROR_NOT_INITIALIZED' });
  });

  it('that is too old says its version and refuses PTX that is newer', async () => {
    expect((await run('symbols', { driverVersion: 11040 })).said).toMatchObject({ version: '11040' });
    const { said } = await run('load', { driverVersion: 12040 });
    expect(said).toEqual({
      load: 'CUDA_ERROR_UNSUPPORTED_PTX_VERSION',
      log: expect.stringMatching(/^PTX version 9\.0 is newer than the driver$/),
    });
  });

  it('refuses PTX for another architecture, and PTX that it cannot read, with a log', async () => {
    const old = { devices: [{ architecture: 'sm_70' }] };
    expect((await run('load', old)).said).toEqual({
      load: 'CUDA_ERROR_NO_BINARY_FOR_GPU',
      log: 'the PTX is for sm_75, the device is sm_70',
    });
    const broken = '.version 8.0\n.target sm_80\n.address_size 64\n.entry f() { nonsense.u32 %r1; }\n';
    const { said } = await run('load', {}, broken);
    expect(said).toEqual({ load: 'CUDA_ERROR_INVALID_PTX', log: expect.stringContaining('nonsense') });
  });

  it('that lacks a function lacks it for the loader and for cuGetProcAddress', async () => {
    const there = { by_name: 'there', looked_up: '0', other_by_name: 'there', other_looked_up: '0', newest: 'v2' };
    expect((await run('symbols')).said).toMatchObject({ ...there, for_old_program: '2', nonsense: '1' });
    const { said } = await run('symbols', { faults: [{ kind: 'missing-symbol', function: 'cuMemCreate' }] });
    expect(said).toMatchObject({ ...there, by_name: 'missing', looked_up: '1' });
    expect(() => simulatedEnvironment({ faults: [{ kind: 'missing-symbol', function: 'cuNonsense' }] })).toThrow(
      expect.objectContaining({ code: 'bad-argument' }),
    );
  });
});
