import { describe, expect, it } from 'vitest';
import { driverProgram, kinds } from './driver-program.js';

const { run } = driverProgram('failures');

describe('a kernel that writes past the end', () => {
  it('spoils its context for good, and no other', async () => {
    const result = await run('overrun');
    expect(result.said).toEqual({
      synchronize: 'CUDA_ERROR_ILLEGAL_ADDRESS',
      afterwards: 'CUDA_ERROR_ILLEGAL_ADDRESS',
      new_context: 'CUDA_SUCCESS',
    });
    expect(kinds(result)).toEqual(['out-of-bounds']);
    expect(result.report.findings[0]).toMatchObject({ kernel: 'scale', bytes: 4 });
  });
});

describe('an injected fault', () => {
  const good = 'CUDA_SUCCESS';

  it('refuses an allocation, and the next one is well', async () => {
    const { said, report } = await run('faults', { faults: [{ kind: 'allocation', nth: 1 }] });
    expect(said).toMatchObject({ first_allocation: 'CUDA_ERROR_OUT_OF_MEMORY', fill: good, kernel_3: good });
    expect(report.faults).toEqual([{ kind: 'allocation', function: '', fired: 1 }]);
  });

  it('loses a device, which stays lost, while another goes on', async () => {
    const devices = [{ architecture: 'sm_80' }, { architecture: 'sm_75' }];
    const { said, report } = await run('faults', { devices, faults: [{ kind: 'lost', nth: 2 }] });
    expect(said).toMatchObject({
      kernel_1: good,
      kernel_2: 'CUDA_ERROR_UNKNOWN',
      kernel_3: 'CUDA_ERROR_UNKNOWN',
      other_device: good,
    });
    expect(report.devices.map((device) => device.isLost)).toEqual([true, false]);
  });

  it('fails a launch', async () => {
    const { said } = await run('faults', { faults: [{ kind: 'launch', nth: 3 }] });
    expect(said).toMatchObject({ kernel_2: good, kernel_3: 'CUDA_ERROR_LAUNCH_FAILED' });
  });

  it('makes a kernel hang until its context is destroyed', async () => {
    const { said, status } = await run('hang', { faults: [{ kind: 'hang' }] });
    expect(said).toEqual({ query: 'CUDA_ERROR_NOT_READY', destroyed: 'yes' });
    expect(status).toBe(0);
  });

  it('makes a call of a function give any error', async () => {
    const error = { kind: 'error', function: 'cuMemsetD32_v2', result: 'CUDA_ERROR_ECC_UNCORRECTABLE' } as const;
    expect((await run('faults', { faults: [error] })).said).toMatchObject({
      fill: 'CUDA_ERROR_ECC_UNCORRECTABLE',
      kernel_3: good,
    });
  });

  it('crashes the process within a call', async () => {
    const result = await run('faults', { faults: [{ kind: 'crash', function: 'cuLaunchKernel', nth: 2 }] });
    expect(result.signal).toBe('SIGSEGV');
    expect(result.report.launchCount).toBe(1);
  });
});
