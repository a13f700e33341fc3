import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../models/test/helpers/temporary-folder.js';
import { writeTinyDecoder } from '../../models/test/helpers/tiny-decoder.js';
import { halyard } from './halyard.js';

const folder = temporaryFolder();

describe('an error', () => {
  test('says what was found, what was expected and what to do, with exit code 1', async () => {
    const { code, output, notes } = await halyard(['run', './no-such-model.gguf', '--prompt', 'x']);
    expect(code).toBe(1);
    expect(output).toBe('');
    expect(notes).toMatch(/^Error: .*no-such-model\.gguf/m);
    expect(notes).toMatch(/^Expected: /m);
    expect(notes).toMatch(/^Remedy: /m);
  });

  test('says of a device that is not there what each backend answered', async () => {
    const { path } = await writeTinyDecoder(folder.join('tiny.gguf'), { architecture: 'llama' });
    const { code, output, notes } = await halyard(['run', path, '--prompt', 'x', '--raw', '--device', 'cpu:9']);
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(notes).toMatch(/^Error: .*"cpu:9"/m);
    expect(notes).toMatch(/^Remedy: .*doctor/m);
  });

  test('shows its stack for HALYARD_DEBUG alone', async () => {
    const args = ['explain', './no-such-model.gguf'];
    expect((await halyard(args)).notes).not.toMatch(/^\s+at /m);
    expect((await halyard(args, { environment: { HALYARD_DEBUG: '1' } })).notes).toMatch(/^\s+at /m);
  });
});

describe('doctor', () => {
  test('tells of every backend, as one JSON object', async () => {
    const { code, output } = await halyard(['doctor', '--json']);
    expect(code).toBe(0);
    const { chosen, backends } = JSON.parse(output);
    expect(chosen).toEqual(expect.any(String));
    for (const { name, adapters, refusals, installed } of backends) {
      expect(name).toEqual(expect.any(String));
      if (installed) expect(adapters.length + refusals.length).toBeGreaterThan(0);
      for (const { remedy } of refusals) expect(remedy).not.toBe('');
    }
    expect(backends.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining(['cpu', 'reference']));
  });

  test('names the device that would be taken, by HALYARD_DEVICE too', async () => {
    const reference = await halyard(['doctor', '--json'], { environment: { HALYARD_DEVICE: 'reference' } });
    expect(JSON.parse(reference.output).chosen).toBe('reference');
    const nothing = await halyard(['doctor'], { environment: { HALYARD_DEVICE: 'abacus:1' } });
    expect(nothing.code).toBe(1);
    expect(nothing.output).toMatch(/HALYARD_DEVICE=abacus:1/);
  });

  test('says why a backend that was named cannot be used', async () => {
    const { output } = await halyard(['doctor'], { environment: { HALYARD_BACKENDS: '@nobody/backend-x' } });
    expect(output).toMatch(/@nobody\/backend-x/);
    expect(output).toMatch(/npm install @nobody\/backend-x/);
  });
});
