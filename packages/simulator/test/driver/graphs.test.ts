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
      launch: 'CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED',
      allocation: 'CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED',
      end: 'CUDA_ERROR_STREAM_CAPTURE_INVALIDATED',
      unjoined: 'CUDA_ERROR_STREAM_CAPTURE_UNJOINED',
    });
    expect(kinds(result)).toEqual(['not-simulated']);
    expect(result.report.findings[0]!.place).toBe('cuGraphLaunch in a captured stream');
    expect(result.report.launchCount).toBe(9);
  });

  it('may be within another, and give way to one of the same form', async () => {
    const result = await run('child-graph');
    // 1000 floats: (1 · 3 + 1 · 3) · 2, then (2 · 5 + 2 · 5) · 2.
    expect(result.said).toEqual({
      nodes: '2',
      replayed: '12000',
      patched: '40000',
      'other form': 'CUDA_ERROR_INVALID_VALUE',
      gone: 'CUDA_ERROR_INVALID_VALUE',
    });
    expect(kinds(result)).toEqual([]);
  });

  it('is found wrong where nothing orders two of its branches', async () => {
    expect(kinds(await run('not-waited-for'))).toEqual(['write-not-waited-for']);
  });
});
