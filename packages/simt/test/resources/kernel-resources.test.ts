import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { architectureModels } from '../../src/schedule/architectures.js';
import { architectures, targets } from '../support/matrix-targets.js';
import { measure, type ResourceTable } from './measure.js';

const file = new URL('kernel-resources.json', import.meta.url);
/** Set to write what was measured instead of comparing it. */
const isRecording = process.env.HALYARD_RECORD_RESOURCES === '1';

const read = (): ResourceTable => JSON.parse(readFileSync(file, 'utf8')) as ResourceTable;

describe('the table of what kernels take', { timeout: 600_000 }, () => {
  it.each(architectures)('says what ptxas says for %s, and nothing spills', async (architecture) => {
    const measured = await measure(architecture);
    if (isRecording) {
      const table = { ...read(), [architecture]: measured };
      const ordered = Object.fromEntries(architectures.map((name) => [name, table[name]]));
      writeFileSync(file, `${JSON.stringify(ordered, undefined, 2)}\n`);
    }
    expect(measured).toEqual(read()[architecture]);
    for (const [name, kernels] of Object.entries(measured)) {
      for (const { kernel, spillBytes, blocks, sharedBytes } of kernels) {
        expect(spillBytes, `${name}: ${kernel} spills`).toBe(0);
        expect(blocks, `${name}: ${kernel} fits on a multiprocessor`).toBeGreaterThan(0);
        expect(sharedBytes).toBeLessThanOrEqual(targets[architecture].sharedBytesPerBlock);
      }
    }
  });

  it('has every architecture that the generator has a model of', () => {
    expect(Object.keys(read())).toEqual(architectureModels.map(({ architecture }) => architecture));
  });
});
