import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import cudaPlugin from '@halyard/backend-cuda';
import { fetchToolkit } from '@halyard/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { addonPackage } from '../src/load-addon.js';
import {
  buildFakeDriver,
  buildGate,
  deviceAttributes,
  type FakeDriver,
  newFolder,
  removeFolders,
} from './support/fake-driver.js';

const preloaded = process.env.LD_PRELOAD;

afterEach(() => {
  delete process.env.LD_LIBRARY_PATH;
  if (preloaded === undefined) delete process.env.LD_PRELOAD;
  else process.env.LD_PRELOAD = preloaded;
  delete process.env.HALYARD_NVRTC;
  removeFolders();
});

/** Probes with a driver of the test's own on the loader's path. */
async function probeWith(folder: string, timeoutMs = 20_000) {
  process.env.LD_LIBRARY_PATH = folder;
  return cudaPlugin.probe({ timeoutMs });
}

const probeFake = (driver: FakeDriver, timeoutMs?: number) => probeWith(buildFakeDriver(driver), timeoutMs);

describe.runIf(process.platform === 'linux')('probing refuses', () => {
  it('a driver whose library does not load, and names the file', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'libcuda.so.1'), 'no library');
    const { adapters, refusals } = await probeWith(folder);
    expect(adapters).toEqual([]);
    expect(refusals).toEqual([expect.objectContaining({ code: 'cuda:library-missing' })]);
    expect(refusals[0]!.found).toContain('libcuda.so.1');
    expect(refusals[0]!.remedy).toMatch(/^Install the NVIDIA driver/);
  });

  it('a driver that lacks a function, and names it', async () => {
    const { refusals } = await probeFake({ without: ['cuGraphLaunch'] });
    expect(refusals).toEqual([expect.objectContaining({ code: 'cuda:symbol-missing' })]);
    expect(refusals[0]!.found).toBe('libcuda.so.1 without cuGraphLaunch');
  });

  it('a driver that is too old, with the version found and the one needed', async () => {
    const old = 'int cuDriverGetVersion(int* version) { *version = 11040; return 0; }';
    const { refusals } = await probeFake({ functions: { cuDriverGetVersion: old }, without: ['cuGraphLaunch'] });
    expect(refusals[0]).toMatchObject({
      code: 'cuda:driver-too-old',
      found: 'a driver for CUDA 11.4',
      expected: 'one for CUDA 11.8 or newer',
    });
  });

  it.each([
    ['no device', 100, 'cuda:no-device'],
    ['no permission', 800, 'cuda:no-permission'],
    ["the toolkit's stub of the driver", 34, 'cuda:library-missing'],
    ['a library and a kernel module of two versions', 803, 'cuda:driver-failed'],
  ])('%s', async (_what, status, code) => {
    const { refusals } = await probeFake({ functions: { cuInit: `int cuInit(unsigned flags) { return ${status}; }` } });
    expect(refusals).toEqual([expect.objectContaining({ code })]);
    expect(refusals[0]!.found).toContain('cuInit failed');
  });

  it.each([
    ['a user that may not open the files of the device', 'EACCES', 100, 'cuda:no-permission'],
    ['a container that has them and may not open them', 'EPERM', 999, 'cuda:no-permission'],
    ['a machine without them', 'ENOENT', 100, 'cuda:no-device'],
  ] as const)('%s (%s), whatever the driver says', async (_what, error, status, code) => {
    process.env.LD_PRELOAD = [preloaded, buildGate(error)].filter(Boolean).join(' ');
    const { refusals } = await probeFake({ functions: { cuInit: `int cuInit(unsigned flags) { return ${status}; }` } });
    expect(refusals).toEqual([expect.objectContaining({ code })]);
    if (code === 'cuda:no-permission') expect(refusals[0]!.remedy).toContain('/dev/nvidia*');
  });

  it('a device that is older than Volta', async () => {
    const { refusals } = await probeFake({ functions: { cuDeviceGetAttribute: deviceAttributes({ 75: 6, 76: 1 }) } });
    expect(refusals[0]).toMatchObject({ code: 'cuda:architecture-too-old', found: expect.stringContaining('sm_61') });
  });

  it('a device for which there is no NVRTC, and says how to get one', async () => {
    process.env.HALYARD_NVRTC = '/nowhere/libnvrtc.so.13';
    const { adapters, refusals } = await probeFake({});
    expect(adapters).toEqual([]);
    expect(refusals[0]).toMatchObject({ code: 'cuda:nvrtc-missing', found: expect.stringContaining('/nowhere') });
    expect(refusals[0]!.remedy).toContain('pip install "nvidia-cuda-nvrtc<13.1"');
  });

  it('a driver that takes its process down, which is a child', async () => {
    const crash = 'int cuInit(unsigned flags) { *(volatile int*)0 = 1; return 0; }';
    const { refusals } = await probeFake({ functions: { cuInit: crash } });
    expect(refusals[0]).toMatchObject({ code: 'cuda:driver-crashed', found: expect.stringContaining('SIGSEGV') });
  });

  it('a driver that does not answer in time', async () => {
    const hang = 'int cuInit(unsigned flags) { for (;;) sleep(1); }';
    const { refusals } = await probeFake({ functions: { cuInit: hang } }, 2000);
    expect(refusals[0]).toMatchObject({ code: 'cuda:driver-hangs', found: expect.stringContaining('1500 ms') });
  });
});

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('probing', () => {
  it("lets no other library see the driver's symbols", async () => {
    const cuInit = 'int cuInit(unsigned flags) { return dlsym(dlopen(0, RTLD_NOW), "cuInit") ? 999 : 100; }';
    const { refusals } = await probeFake({ functions: { cuInit } });
    expect(refusals).toEqual([expect.objectContaining({ code: 'cuda:no-device' })]);
  });

  it('does not believe a device that computes nothing', async () => {
    process.env.HALYARD_NVRTC = (await fetchToolkit('13')).nvrtc;
    const { adapters, refusals } = await probeFake({});
    expect(refusals).toEqual([]);
    expect(adapters).toHaveLength(1);
    expect(adapters[0]).toMatchObject({
      id: '0000:01:00.0',
      name: 'Fake',
      architecture: 'sm_80',
      computeUnits: 4,
      versions: { driver: '13.0', nvrtc: '13.0' },
      proof: { ok: false, detail: expect.stringContaining('x·x + 1 at 0 gave 0') },
    });
  });
});

describe('the addon', () => {
  it.runIf(process.platform === 'linux')("needs none of the vendor's libraries to be loaded", () => {
    const addon = addonPackage.places().next().value as string;
    const dynamic = execFileSync('readelf', ['--dynamic', addon], { encoding: 'utf8' });
    const needed = [...dynamic.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, library]) => library!);
    expect(needed.length).toBeGreaterThan(0);
    expect(needed.filter((library) => /cuda|nvidia|nvrtc|cublas/.test(library))).toEqual([]);
  });

  it('opens no device where there is none, with the reason as a typed error', async () => {
    const adapter = { id: '0000:00:00.0', versions: {}, computeUnits: 1, architecture: 'sm_80' };
    await expect(cudaPlugin.open(adapter as never)).rejects.toMatchObject({
      code: expect.stringMatching(/^(cuda:|no-device)/),
      details: { remedy: expect.stringMatching(/^[A-Z]/) },
    });
  });
});
