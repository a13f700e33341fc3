import { describe, expect, it } from 'vitest';
import { driverProgram, kinds } from './driver-program.js';

const { run } = driverProgram('graphs');

describe('a graph', () => {
  it('is captured over two streams, replayed, and patched in a node', async () => {
    const result = await run('capture');
    expect(result.said).toEqual({
      nodes: '5',
      edges: '5',
      replayed: '11000',
      patched: '13000',
      allocation: 'CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED',
      end: 'CUDA_ERROR_STREAM_CAPTURE_INVALIDATED',
      unjoined: 'CUDA_ERROR_STREAM_CAPTURE_UNJOINED',
    });
    expect(kinds(result)).toEqual([]);
    expect(result.report.launchCount).toBe(9);
  });

  it('is found wrong where nothing orders two of its branches', async () => {
    expect(kinds(await run('not-waited-for'))).toEqual(['write-not-waited-for']);
  });
});
