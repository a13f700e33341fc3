import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  compileCuda,
  fetchToolkit,
  readReports,
  type SimulatedEnvironmentOptions,
  type SimulatorReport,
  simulatedEnvironment,
} from '@halyard/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileWithHeaders, library } from './vendor-headers.js';

const kernels = `
__device__ float table[4] = {1, 2, 3, 4};
extern "C" __global__ void add(const float* a, const float* b, float* c, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) c[i] = a[i] + b[i] + table[0] - 1;
}
extern "C" __global__ void scale(float* x, float factor, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] *= factor;
}`;

let folder = '';
let program = '';
let ptx = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halyard-driver-'));
  program = join(folder, 'program');
  ptx = join(folder, 'kernels.ptx');
  const toolkit = await fetchToolkit('13');
  await writeFile(ptx, (await compileCuda(toolkit, kernels, { architecture: 'sm_75' })).ptx);
  await compileWithHeaders(toolkit, 'program.cpp', '-o', program, '-Wl,--allow-shlib-undefined', library, '-ldl');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Run {
  readonly said: Readonly<Record<string, string>>;
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly report: SimulatorReport;
}

let runs = 0;

/** Runs a program on the stand-in: what it said, how it ended, what the stand-in reports. */
async function run(scenario: string, options: SimulatedEnvironmentOptions = {}, image = ptx): Promise<Run> {
  const report = join(folder, `report-${++runs}`);
  const environment = { ...process.env, ...simulatedEnvironment({ hostThreads: 1, ...options, report }) };
  const child = spawn(program, [scenario, image], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on('close', (...end) => resolve(end));
  });
  const lines = output
    .split('\n')
    .filter(Boolean)
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  const [only] = await readReports(report);
  return { said: Object.fromEntries(lines), status, signal, report: only! };
}

const kinds = ({ report }: Run) => [...new Set(report.findings.map((finding) => finding.kind))];

describe('a program in the plain style of the driver API', () => {
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

  it('captures a graph over two streams, replays it, and patches a node', async () => {
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

  it('maps physical memory into addresses, uses it across chunks, and shrinks', async () => {
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

  it('gets no more memory than the device has', async () => {
    const { said } = await run('out-of-memory', { devices: [{ architecture: 'sm_80', memoryBytes: 64 << 20 }] });
    expect(said).toEqual({
      too_much: 'CUDA_ERROR_OUT_OF_MEMORY',
      too_much_physical: 'CUDA_ERROR_OUT_OF_MEMORY',
      too_much_in_order: 'CUDA_ERROR_OUT_OF_MEMORY',
      afterwards: 'CUDA_SUCCESS',
    });
  });

  it('calls the host, measures time, copies boxes, and frees in the order of a stream', async () => {
    const result = await run('host-calls');
    // 3 and 6 are the values before and after a kernel; the freed memory is not to be used.
    expect(result.said).toEqual({ seen: '3', elapsed: 'some', box: '24', freed: 'CUDA_ERROR_INVALID_VALUE' });
    expect(kinds(result)).toEqual(['use-after-free']);
  });

  it('sees several devices as they are configured, and copies between them', async () => {
    const devices = [
      { architecture: 'sm_80' },
      { architecture: 'sm_90', name: 'mine', memoryBytes: 1 << 30, multiprocessors: 7 },
    ];
    const { said } = await run('peers', { devices });
    expect(said).toEqual({ sum: '1000', name: 'mine', memory: String(1 << 30), major: '9', multiprocessors: '7' });
  });
});

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

  it('is found wrong between branches of a graph', async () => {
    expect(kinds(await run('not-waited-for-in-graph'))).toEqual(['write-not-waited-for']);
  });
});

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

  it('takes a function away from the loader and from cuGetProcAddress', async () => {
    const there = { by_name: 'there', looked_up: '0', other_by_name: 'there', other_looked_up: '0', newest: 'v2' };
    expect((await run('symbols')).said).toMatchObject({ ...there, for_old_program: '2', nonsense: '1' });
    const { said } = await run('symbols', { faults: [{ kind: 'missing-symbol', function: 'cuMemCreate' }] });
    expect(said).toMatchObject({ ...there, by_name: 'missing', looked_up: '1' });
    expect(() => simulatedEnvironment({ faults: [{ kind: 'missing-symbol', function: 'cuNonsense' }] })).toThrow(
      expect.objectContaining({ code: 'bad-argument' }),
    );
  });
});

describe('a driver', () => {
  it('finds no device where there is none, and is not to be used then', async () => {
    const { said } = await run('start', { devices: [] });
    expect(said).toEqual({ init: 'CUDA_ERROR_NO_DEVICE', count: 'CUDA_ERROR_NOT_INITIALIZED' });
  });

  it('that is too old says its version and refuses PTX that is newer', async () => {
    expect((await run('symbols', { driverVersion: 11040 })).said).toMatchObject({ version: '11040' });
    const { said } = await run('load', { driverVersion: 12040 });
    expect(said).toEqual({
      load: 'CUDA_ERROR_UNSUPPORTED_PTX_VERSION',
      log: expect.stringMatching(/^PTX version 9\.0 is newer than the driver$/),
    });
  });

  it('refuses PTX for another architecture, and PTX that it cannot read, with a log', async () => {
    const old = { devices: [{ architecture: 'sm_70' }] };
    expect((await run('load', old)).said).toEqual({
      load: 'CUDA_ERROR_NO_BINARY_FOR_GPU',
      log: 'the PTX is for sm_75, the device is sm_70',
    });
    const broken = join(folder, 'broken.ptx');
    await writeFile(broken, '.version 8.0\n.target sm_80\n.address_size 64\n.entry f() { nonsense.u32 %r1; }\n');
    const { said } = await run('load', {}, broken);
    expect(said).toEqual({ load: 'CUDA_ERROR_INVALID_PTX', log: expect.stringContaining('nonsense') });
  });
});
