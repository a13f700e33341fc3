import { execFileSync } from 'node:child_process';
import { architectureModel, occupancy } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { architectures } from '../../src/architecture/table.js';
import { compiledProgram } from './vendor-headers.js';

const threads = [32, 96, 128, 160, 256, 384, 512, 1024];
const registers = [16, 32, 40, 64, 96, 128, 168, 255];
/** 4200 and 4900 tell units of 128 bytes from those of 256. */
const sharedBytes = [0, 1000, 4200, 4900, 16_384, 30_000, 49_152, 65_536];

const kernels = threads.flatMap((block) =>
  registers.flatMap((each) => sharedBytes.map((shared) => ({ threads: block, registers: each, sharedBytes: shared }))),
);

describe('occupancy', () => {
  it.each(Object.keys(architectures))('of %s is what NVIDIA’s own calculator says', async (name) => {
    const { residency } = architectureModel(name);
    const device = [
      name.slice(3, -1),
      name.slice(-1),
      residency.threads,
      residency.registers,
      residency.sharedBytes,
      residency.reservedSharedBytes,
    ].join(' ');
    const input = kernels.map((kernel) => `${device} ${Object.values(kernel).join(' ')}\n`).join('');
    const output = execFileSync(await compiledProgram('vendor_occupancy'), { input, encoding: 'utf8' });
    const blocks = output.trim().split('\n').map(Number);
    expect(kernels.map((kernel) => occupancy(name, kernel).blocks)).toEqual(blocks);
  });
});
