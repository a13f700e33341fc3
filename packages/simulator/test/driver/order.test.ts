import { describe, expect, it } from 'vitest';
import { driverProgram, kinds } from './driver-program.js';

const { run } = driverProgram('order');

describe('the order of operations', () => {
  it('is right when an event, or the host, waits for the copy', async () => {
    expect(kinds(await run('waited-for'))).toEqual([]);
    expect(kinds(await run('waited-for-by-host'))).toEqual([]);
  });

  it('is found wrong when nothing waits, although the result is right by luck', async () => {
    const result = await run('not-waited-for');
    expect(result.said).toEqual({ sum: '2000' });
    expect(kinds(result)).toEqual(['write-not-waited-for']);
    expect(result.report.findings[0]!.explanation).toMatch(/the kernel scale in stream \d+ reads memory that a copy/);
    expect(kinds(await run('not-waited-for', { checks: { order: false } }))).toEqual([]);
  });
});
