import { describe, expect, it } from 'vitest';
import { driverProgram, kinds } from './driver-program.js';

const { run } = driverProgram('graph_memory');

describe('a graph that takes memory', () => {
  it('has it for each launch, and nothing of it before or after', async () => {
    const result = await run('capture');
    // 1000 floats: 1 + 2 · 3.
    expect(result.said).toEqual({
      'taken by the graph itself': '0',
      sum: '7000',
      used: '0',
      'used at most': '4000',
      left: '0',
      outside: 'CUDA_ERROR_INVALID_VALUE',
    });
    expect(kinds(result)).toEqual([]);
  });

  it('may keep it until it is freed by a stream, by the host, by another graph or by the next launch', async () => {
    const result = await run('keep');
    expect(result.said).toEqual({
      kept: '10000',
      used: '4000',
      again: 'CUDA_ERROR_INVALID_VALUE',
      anew: '2000',
      'same address': '1',
      'freed twice': 'CUDA_ERROR_INVALID_VALUE',
      'used at the end': '0',
      automatically: '2000',
    });
    expect(kinds(result)).toEqual([]);
  });

  it('is instantiated once at a time, neither cloned nor within another, and frees what is its own once', async () => {
    const { said } = await run('refuse');
    expect(said).toEqual({
      clone: 'CUDA_ERROR_NOT_SUPPORTED',
      child: 'CUDA_ERROR_NOT_SUPPORTED',
      second: 'CUDA_ERROR_NOT_SUPPORTED',
      'plain memory': 'CUDA_ERROR_INVALID_VALUE',
      twice: 'CUDA_ERROR_INVALID_VALUE',
      elsewhere: 'CUDA_ERROR_INVALID_VALUE',
      captured: 'CUDA_ERROR_INVALID_VALUE',
    });
  });

  it('is refused a launch where memory is short, with nothing taken', async () => {
    const result = await run('shortage', { devices: [{ architecture: 'sm_80', memoryBytes: 2 ** 20 }] });
    expect(result.said).toEqual({ launch: 'CUDA_ERROR_OUT_OF_MEMORY', used: '0', later: '2000' });
    expect(kinds(result)).toEqual([]);
  });

  it('is found wrong where a node uses it behind its end, or is not ordered behind its begin', async () => {
    const after = await run('use-after-free');
    expect(after.said.end).toBe('CUDA_ERROR_ILLEGAL_ADDRESS');
    expect(kinds(after)).toEqual(['use-after-free']);
    expect(kinds(await run('use-before-allocation'))).toEqual(['write-not-waited-for']);
  });
});
