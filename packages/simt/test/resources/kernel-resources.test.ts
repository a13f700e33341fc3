import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { architectureModels } from '../../src/schedule/architectures.js';
import { type Architecture, relatives, targets } from '../support/matrix-targets.js';
import { assembleAll, measure, type ResourceTable } from './measure.js';

const file = new URL('kernel-resources.json', import.meta.url);
/** Set to write what was measured instead of comparing it. */
const isRecording = process.env.HALYARD_RECORD_RESOURCES === '1';

const read = (): ResourceTable => JSON.parse(readFileSync(file, 'utf8')) as ResourceTable;

describe('the table of what kernels take', { timeout: 600_000 }, () => {
  it.each(Object.keys(targets) as Architecture[])(
    'says what ptxas says for %s, and nothing spills',
    async (architecture) => {
      const measured = await measure(architecture);
      if (isRecording)
        writeFileSync(file, `${JSON.stringify({ ...read(), [architecture]: measured }, undefined, 2)}\n`);
      expect(measured).toEqual(read()[architecture]);
      for (const [name, kernels] of Object.entries(measured)) {
        for (const { kernel, spillBytes, blocks } of kernels) {
          expect(spillBytes, `${name}: ${kernel} spills`).toBe(0);
          expect(blocks, `${name}: ${kernel} fits on a multiprocessor`).toBeGreaterThan(0);
        }
      }
    },
  );
});

describe('an architecture without rows of its own', { timeout: 120_000 }, () => {
  it('is compiled for here if the generator has a model of it', () => {
    const compiled = [...Object.keys(targets), ...relatives.map(({ architecture }) => architecture)];
    expect(compiled.sort()).toEqual(architectureModels.map(({ architecture }) => architecture).sort());
  });

  it.each(relatives)('$architecture: all kernels compile, and nothing spills', async (target) => {
    const kernels = Object.values(await assembleAll(target)).flat();
    expect(kernels.length).toBeGreaterThan(0);
    expect(kernels.filter(({ spillBytes }) => spillBytes > 0)).toEqual([]);
    for (const { sharedBytes } of kernels) expect(sharedBytes).toBeLessThanOrEqual(target.sharedBytesPerBlock);
  });
});
