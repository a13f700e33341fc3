import { describe, expect, test } from 'vitest';
import { halyard } from './halyard.js';

describe('an error', () => {
  test('says what was found, what was expected and what to do, with exit code 1', async () => {
    const { code, output, notes } = await halyard(['run', './no-such-model.gguf', '--prompt', 'x']);
    expect(code).toBe(1);
    expect(output).toBe('');
    expect(notes).toMatch(/^Error: .*no-such-model\.gguf/m);
    expect(notes).toMatch(/^Expected: /m);
    expect(notes).toMatch(/^Remedy: /m);
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

  test('says why a backend that was named cannot be used', async () => {
    const { output } = await halyard(['doctor'], { environment: { HALYARD_BACKENDS: '@nobody/backend-x' } });
    expect(output).toMatch(/@nobody\/backend-x/);
    expect(output).toMatch(/npm install @nobody\/backend-x/);
  });
});
