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

describe('memory of another device', () => {
  const two = [{ architecture: 'sm_80' }, { architecture: 'sm_80' }];

  it.each(['peer-access', 'peer-access-of-mapping'])(
    'is read and written by who was let in, and by nobody else (%s)',
    async (scenario) => {
      const result = await run(scenario, { devices: two, peers: [[0, 1]] });
      expect(result.said).toMatchObject({ can: '1', supported: '1', let_in: 'CUDA_SUCCESS', sum: '2000' });
      expect(result.said.again ?? 'CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED').toBe(
        'CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED',
      );
      expect(result.said).toMatchObject({ shut_out: 'CUDA_ERROR_ILLEGAL_ADDRESS', other: 'CUDA_SUCCESS' });
      expect(kinds(result)).toEqual(['no-peer-access']);
      expect(result.report.findings[0]!.explanation).toMatch(/memory of device 1, which this device was not let into/);
      expect(result.report.copiesBetweenDevices).toEqual({ directBytes: 4000, stagedBytes: 0 });
    },
  );

  it.each([
    ['peer-access', 'CUDA_ERROR_PEER_ACCESS_UNSUPPORTED'],
    ['peer-access-of-mapping', 'CUDA_ERROR_INVALID_DEVICE'],
  ])('is out of reach where there is no link (%s), but for copies by way of the host', async (scenario, refusal) => {
    const result = await run(scenario, { devices: two });
    expect(result.said).toMatchObject({ can: '0', supported: '0', let_in: refusal, other: 'CUDA_SUCCESS' });
    expect(result.said.shut_out).toBe('CUDA_ERROR_ILLEGAL_ADDRESS');
    expect(kinds(result)).toEqual(['no-peer-access']);
    expect(result.report.copiesBetweenDevices).toEqual({ directBytes: 0, stagedBytes: 4000 });
  });
});
