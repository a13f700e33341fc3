import { describe, expect, it } from 'vitest';
import { driverProgram, kinds } from './driver-program.js';

const { run } = driverProgram('memory');

describe('memory of devices', () => {
  it('is mapped into addresses, used across chunks, and taken away', async () => {
    const result = await run('virtual-memory');
    expect(result.said).toEqual({
      granularity: String(2 << 20),
      before_access: 'CUDA_ERROR_INVALID_VALUE',
      sum: '8000',
      beyond: 'CUDA_ERROR_INVALID_VALUE',
      used: '2',
      shrunk: '1',
    });
    expect(kinds(result)).toEqual(['out-of-bounds']);
  });

  it('is refused beyond what the device has', async () => {
    const { said } = await run('out-of-memory', { devices: [{ architecture: 'sm_80', memoryBytes: 64 << 20 }] });
    expect(said).toEqual({
      too_much: 'CUDA_ERROR_OUT_OF_MEMORY',
      too_much_physical: 'CUDA_ERROR_OUT_OF_MEMORY',
      too_much_in_order: 'CUDA_ERROR_OUT_OF_MEMORY',
      afterwards: 'CUDA_SUCCESS',
    });
  });

  it('is copied between devices, each as it is configured', async () => {
    const devices = [
      { architecture: 'sm_80' },
      { architecture: 'sm_90', name: 'mine', memoryBytes: 1 << 30, multiprocessors: 7 },
    ];
    const { said } = await run('peers', { devices });
    expect(said).toEqual({ sum: '1000', name: 'mine', memory: String(1 << 30), major: '9', multiprocessors: '7' });
  });
});
