import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type BackendReport,
  createContext,
  forgetProbes,
  HalyardError,
  probeBackends,
  referencePlugin,
} from '@halyard/core';
import { afterEach, describe, expect, test, vi } from 'vitest';

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}.mjs`, import.meta.url));

async function probeFixture(name: string, probeTimeoutMs = 5_000): Promise<BackendReport> {
  const reports = await probeBackends({ backends: [fixture(name)], probeTimeoutMs });
  return reports.find(({ source }) => source === 'options')!;
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  forgetProbes();
});

describe('probing', () => {
  test('finds the adapters of a plugin that works, whatever it prints', async () => {
    const report = await probeFixture('good');
    expect(report).toMatchObject({ name: 'good', installed: true, contract: { major: 1, minor: 7 } });
    expect(report.adapters.map(({ id }) => id)).toEqual(['good', 'bad']);
  });

  test.each([
    ['throws-on-import', 'backend-failed', /importing .* failed: .*libexample\.so\.1/],
    ['throws-in-probe', 'backend-failed', /probing .* failed: TypeError: the driver answered 999/],
    ['crashes', 'backend-failed', /signal SIGSEGV/],
    ['aborts', 'backend-failed', /signal SIGABRT/],
    ['exits', 'backend-failed', /exit code 0 and no answer/],
    ['garbage', 'backend-failed', /no JSON/],
    ['no-plugin', 'backend-failed', /has greeting/],
    ['newer-contract', 'contract-mismatch', /contract 2\.0/],
  ])('turns a plugin that %s into a refusal', async (name, code, found) => {
    const report = await probeFixture(name);
    expect(report.adapters).toEqual([]);
    expect(report.refusals).toHaveLength(1);
    const [refusal] = report.refusals;
    expect(refusal).toMatchObject({ code, found: expect.stringMatching(found) });
    expect(refusal!.expected).not.toBe('');
    expect(refusal!.remedy).toMatch(/\.$/);
  });

  test.each(['hangs', 'never-answers'])('ends a plugin that %s after the limit, or when it gives up', async (name) => {
    const report = await probeFixture(name, 700);
    expect(report.refusals[0]).toMatchObject({ code: 'backend-failed' });
    expect(report.milliseconds).toBeLessThan(5_000);
  });

  test('takes the whole adapters of a report and refuses the others', async () => {
    const report = await probeFixture('malformed-report');
    expect(report.adapters).toEqual([]);
    expect(report.refusals.map(({ found }) => found)).toEqual([
      'malformed-report gave a malformed refusal',
      'malformed-report gave 1 malformed adapters',
    ]);
  });

  test('says that a proof went wrong', async () => {
    const { refusals } = await probeFixture('good');
    expect(refusals).toMatchObject([{ code: 'proof-failed', found: expect.stringContaining('1 + 1 = 3') }]);
  });

  test('says which backend by which name is not there', async () => {
    const [report] = await probeBackends({ backends: ['@stranger/backend-none'] });
    expect(report).toMatchObject({ installed: false, refusals: [{ code: 'not-found' }] });
  });

  test('probes a package once per process', async () => {
    const first = await probeFixture('good');
    const second = await probeFixture('good');
    expect(second.adapters).toBe(first.adapters);
  });

  test('looks at what HALYARD_BACKENDS names', async () => {
    vi.stubEnv('HALYARD_BACKENDS', `${fixture('good')}, ${fixture('no-plugin')}`);
    const reports = await probeBackends();
    const named = reports.filter(({ source }) => source === 'HALYARD_BACKENDS');
    expect(named.map(({ adapters }) => adapters.length)).toEqual([2, 0]);
  });

  test('looks at what the package.json of the application names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'halyard-'));
    try {
      mkdirSync(join(folder, 'src'));
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ halyard: { backends: [fixture('good')] } }));
      vi.spyOn(process, 'cwd').mockReturnValue(join(folder, 'src'));
      const reports = await probeBackends();
      expect(reports.find(({ source }) => source === join(folder, 'package.json'))).toMatchObject({ name: 'good' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a plugin handed over as an object that throws or hangs is refused, too', async () => {
    const throwing = { ...referencePlugin, name: 'throwing', probe: () => Promise.reject(new Error('no')) };
    const hanging = { ...referencePlugin, name: 'hanging', probe: () => new Promise<never>(() => {}) };
    const [one, other] = await probeBackends({ backends: [throwing, hanging], probeTimeoutMs: 300 });
    expect(one!.refusals).toMatchObject([{ code: 'backend-failed', found: expect.stringContaining('no') }]);
    expect(other!.refusals).toMatchObject([{ code: 'backend-failed', found: expect.stringContaining('300 ms') }]);
  });
});

describe('choosing a device', () => {
  const scored = (name: string, score: number, ok = true) => ({
    ...referencePlugin,
    name,
    async probe(options: { timeoutMs: number }) {
      const { adapters } = await referencePlugin.probe(options);
      return {
        adapters: adapters.map((adapter) => ({ ...adapter, id: name, score, proof: { ok, detail: '' } })),
        refusals: [],
      };
    },
  });

  test('takes the best score whose proof is ok', async () => {
    const context = await createContext({
      backends: [scored('slow', 10), scored('fast', 20), scored('wrong', 30, false)],
    });
    expect(context.adapter.id).toBe('fast');
    await context.destroy();
  });

  test('takes the one that is named, by option before HALYARD_DEVICE', async () => {
    const backends = [scored('slow', 10), scored('fast', 20)];
    vi.stubEnv('HALYARD_DEVICE', 'slow');
    const byVariable = await createContext({ backends });
    const byOption = await createContext({ backends, device: 'fast:0' });
    expect([byVariable.adapter.id, byOption.adapter.id]).toEqual(['slow', 'fast']);
    await Promise.all([byVariable.destroy(), byOption.destroy()]);
  });

  test('takes the adapter whose number or id stands behind the name', async () => {
    const pair = {
      ...referencePlugin,
      name: 'pair',
      async probe(options: { timeoutMs: number }) {
        const { adapters } = await referencePlugin.probe(options);
        return { adapters: ['first', 'second'].map((id) => ({ ...adapters[0]!, id })), refusals: [] };
      },
    };
    for (const [device, id] of [
      ['pair:0', 'first'],
      ['pair:1', 'second'],
      ['pair:second', 'second'],
    ] as const) {
      const context = await createContext({ backends: [pair], device });
      expect(context.adapter.id, device).toBe(id);
      await context.destroy();
    }
    await expect(createContext({ backends: [pair], device: 'pair:2' })).rejects.toMatchObject({
      code: 'no-device',
      message: expect.stringContaining('pair:1'),
    });
  });

  test.each(['good', 'cuda'])('finds the one named %s where only the path of its file is known', async (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'halyard-'));
    const file = join(folder, 'backend.mjs');
    const text = readFileSync(fixture('good'), 'utf8').replace("'./adapter.mjs'", `'${fixture('adapter')}'`);
    writeFileSync(file, text.replace("name: 'good'", `name: '${name}'`));
    vi.stubEnv('HALYARD_BACKENDS', file);
    vi.stubEnv('HALYARD_DEVICE', `${name}:good`);
    try {
      for (const options of [{}, { device: name }]) {
        const error = await createContext(options).catch((thrown: unknown) => thrown);
        // It was chosen, and says when it is opened that it never was meant to be.
        expect(error).toMatchObject({ code: 'backend-failed', message: expect.stringContaining('never meant') });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('never takes the reference backend unless it is asked for', async () => {
    vi.stubEnv('HALYARD_DEVICE', '');
    const context = await createContext({ device: 'reference' });
    expect(context.adapter.id).toBe('reference');
    await context.destroy();
    const outcome = await createContext({ probeTimeoutMs: 5_000 }).then(
      (other) => other.destroy().then(() => other.adapter.id),
      (error: HalyardError) => error.code,
    );
    expect(outcome).not.toBe('reference');
  });

  test('says what each backend answered when there is none', async () => {
    const error = await createContext({ device: 'cuda:7', backends: [fixture('good')] }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(HalyardError);
    expect(error).toMatchObject({ code: 'no-device', message: expect.stringContaining('cuda') });
  });

  test('a plugin that works while probing and fails when opened is a typed error', async () => {
    const error = await createContext({ device: 'good', backends: [fixture('good')] }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: 'backend-failed',
      message: expect.stringContaining('never meant to be opened'),
    });
  });
});
