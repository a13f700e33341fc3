import { describe, expect, it } from 'vitest';
import { driverProgram, kinds } from './driver-program.js';

const { run } = driverProgram('launching');

describe('a program in the plain style of the driver API', () => {
  it('leaves a trace of the kernel that is named, in the report', async () => {
    const { report } = await run('vector-add', { trace: { kernel: 'add', firstBlock: 1 } });
    const { trace, counters } = report.launches[0]!;
    expect(trace!.warps.map(({ block, warp }) => [block, warp])).toEqual([0, 1, 2, 3].map((warp) => [1, warp]));
    const sectors = trace!.warps.flatMap((warp) => Array.from(warp.sectors)).reduce((sum, count) => sum + count, 0);
    // Three vectors, and one place of the table.
    expect(sectors).toBe(4 * (3 * 4 + 1));
    expect(counters.globalLoadSectors + counters.globalStoreSectors).toBeGreaterThan(sectors);
    const other = await run('vector-add', { trace: { kernel: 'scale' } });
    expect(other.report.launches[0]!.trace).toBeUndefined();
  });

  it('adds vectors, reads a variable of the module, and gets all its memory back', async () => {
    const { said, status, report } = await run('vector-add');
    expect(status).toBe(0);
    expect(said).toMatchObject({ sum: '501500', table: '4', table_bytes: '16', threads: '1024', blocks: '16' });
    expect(said).toMatchObject({ freed_twice: 'CUDA_ERROR_INVALID_VALUE', leaked: '0', has_registers: '1' });
    expect(report.launches).toMatchObject([{ kernel: 'add', grid: [8, 1, 1], block: [128, 1, 1], error: 'none' }]);
    expect(report.devices[0]).toMatchObject({ usedBytes: 0, architecture: 'sm_80', isLost: false });
    expect(report.devices[0]!.peakBytes).toBeGreaterThanOrEqual(12_000);
    // 1000 floats are 125 sectors; two of them are read and one written. All 32 warps read the table.
    expect(report.devices[0]!.counters).toMatchObject({ globalStoreSectors: 125, globalLoadSectors: 282, warps: 32 });
    expect(report.findings.map((finding) => finding.kind)).toEqual(['double-free']);
  });

  it('calls the host, measures time, copies boxes, and frees in the order of a stream', async () => {
    const result = await run('host-calls');
    // 3 and 6 are the values before and after a kernel; the freed memory is not to be used.
    expect(result.said).toEqual({ seen: '3', elapsed: 'some', box: '24', freed: 'CUDA_ERROR_INVALID_VALUE' });
    expect(kinds(result)).toEqual(['use-after-free']);
  });
});
