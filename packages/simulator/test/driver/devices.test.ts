import { architectureModel, occupancy } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { architectures } from '../../src/architecture/table.js';
import { driverProgram } from './driver-program.js';

const { run } = driverProgram('devices');
const names = Object.keys(architectures);

describe('a device of an architecture', () => {
  it('is the board that rooflines and the issue model are of', async () => {
    const { said } = await run('describe', { devices: names.map((architecture) => ({ architecture })) });
    for (const [device, name] of names.entries()) {
      const { board, multiprocessors, clockHz, memoryBytesPerSecond, residency } = architectureModel(name);
      const value = (attribute: string) => Number(said[`${device}.${attribute}`]);
      // "A100 SXM4 40 GB" is the driver's "NVIDIA A100-SXM4-40GB (simulated)".
      expect(said[`${device}.name`]).toContain(/[A-Z]*\d+|Xavier|Orin|Thor/.exec(board)![0]);
      expect(value('multiprocessors'), name).toBe(multiprocessors);
      for (const key of ['threads', 'blocks', 'registers', 'sharedBytes', 'reservedSharedBytes'] as const)
        expect(value(key), `${name}, ${key}`).toBe(residency[key]);
      expect(value('sharedBytesPerBlock'), name).toBe(residency.sharedBytes - residency.reservedSharedBytes);
      // Two transfers a clock. Data sheets round; B200's says 8 TB/s.
      const bandwidth = 2 * value('memoryClockKilohertz') * 1000 * (value('memoryBusBits') / 8);
      expect(Math.abs(bandwidth / memoryBytesPerSecond - 1), `${name}, bandwidth`).toBeLessThan(0.025);
      // The table has the clock that gives the data sheet's matrix peak, the driver says the greatest.
      const clock = (value('clockKilohertz') * 1000) / clockHz;
      expect(clock, `${name}, clock`).toBeGreaterThan(0.995);
      expect(clock, `${name}, clock`).toBeLessThan(1.09);
    }
  });

  // The kernel is compiled for sm_75.
  const able = names.filter((name) => name !== 'sm_70' && name !== 'sm_72');
  it.each(able)('%s holds as many blocks as the model says', async (name) => {
    const { said } = await run('occupancy', { devices: [{ architecture: name }] });
    const { registers, ...counts } = said;
    expect(Object.keys(counts)).toHaveLength(20);
    for (const [key, blocks] of Object.entries(counts)) {
      const [threads, sharedBytes] = key.split('.').map(Number) as [number, number];
      const expected = occupancy(name, { threads, registers: Number(registers), sharedBytes });
      expect(Number(blocks), `${threads} threads, ${sharedBytes} bytes`).toBe(expected.blocks);
    }
  });
});
