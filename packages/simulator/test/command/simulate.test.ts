import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileCuda, fetchToolkit } from '@halyard/simulator';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { simulate } from '../../src/command/simulate.js';
import { Launcher } from '../others/launcher.js';

const source = `extern "C" __global__ void shift(const int* a, int* b, int n) {
  if (threadIdx.x < n) b[threadIdx.x] = a[threadIdx.x + 1];
}`;

describe('halyard-simulate', () => {
  let launcher: Launcher;
  let folder = '';
  let said = '';

  beforeAll(async () => {
    launcher = await Launcher.build();
    folder = await mkdtemp(join(tmpdir(), 'halyard-simulate-test-'));
    const options = { architecture: 'sm_80', options: ['--generate-line-info'] };
    const { ptx } = await compileCuda(await fetchToolkit('13'), source, options);
    await writeFile(join(folder, 'shift.ptx'), ptx);
  }, 60_000);
  afterAll(async () => {
    await launcher?.remove();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => vi.restoreAllMocks());

  /** The program shifts 32 numbers out of as many bytes as `a` has. */
  function shift(bytes: number, ...options: string[]): Promise<number> {
    said = '';
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said += text;
      return true;
    });
    const steps = ['module shift.ptx', `buffer a ${bytes} shift.ptx`, 'buffer b 128'];
    steps.push('launch shift 1 1 1 32 1 1 0 a b i:32');
    const shell = `cd ${folder} && printf '%s\\n' ${steps.map((step) => `'${step}'`).join(' ')} | ${launcher.program}`;
    return simulate([...options, '--', 'sh', '-c', `${shell} > said`]);
  }

  it('lets a command run on a simulated device, and has nothing to say of one that is right', async () => {
    expect(await shift(132, '--gpu', 'sm_90')).toBe(0);
    expect(said).toBe('');
  });

  it('says what is found, with the line of the source, and fails', async () => {
    const report = join(folder, 'report');
    expect(await shift(128, '--report', report)).toBe(1);
    expect(said).toMatch(/^out-of-bounds: read of 4 bytes .*, in shift at .*source\.cu:2: ld\.global/);
    expect(await readdir(report)).toEqual([expect.stringMatching(/^simulator-\d+\.json$/)]);
  });

  it('passes the status of the command on, and refuses a command line that makes no sense', async () => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await simulate(['--', 'sh', '-c', 'exit 7'])).toBe(7);
    expect(await simulate(['--', 'sh', '-c', 'kill -9 $$'])).toBe(128 + 9);
    expect(await simulate(['--', 'no-such-command-anywhere'])).toBe(127);
    for (const wrong of [[], ['--'], ['--gpus', 'sm_80', '--', 'true'], ['--nvrtc', '7', '--', 'true']])
      expect(await simulate(wrong)).toBe(2);
  });
});
