import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fetchToolkit, readReports, type SimulatorReport, simulatedEnvironment } from '@halyard/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinyDecoder } from '../../../models/test/helpers/tiny-decoder.js';
import { writeTinyEncoder } from '../../../models/test/helpers/tiny-encoder.js';
import { newFolder, removeFolders } from '../support/fake-driver.js';
import { canSimulate } from '../support/simulated-process.js';

const main = fileURLToPath(new URL('../../../../bench/dist/main.js', import.meta.url));

interface Ended {
  readonly status: number | null;
  readonly output: string;
  readonly notes: string;
  /** Of each process that used the device. */
  readonly reports: readonly SimulatorReport[];
}

/** Asked for by name: the peers that the benchmarks import come with an install of their own. */
describe.runIf(canSimulate && process.env.HALYARD_TEST_BENCH === '1')('halyard bench --device cuda', () => {
  const folder = newFolder();
  const cache = join(folder, 'cache');
  const [model, encoder] = [join(folder, 'tiny.gguf'), join(folder, 'tiny-encoder')];

  beforeAll(async () => {
    expect(existsSync(main), 'built benchmarks').toBe(true);
    await writeTinyDecoder(model, { architecture: 'llama', type: 'q4_0', contextLength: 1024 });
    await mkdir(encoder);
    await writeTinyEncoder(encoder);
  });
  afterAll(removeFolders);

  /**
   * @param kernels where they are kept: those of one command serve the next
   * @param until once this holds, the command gets Ctrl-C
   */
  async function bench(parameters: readonly string[], kernels = cache, until?: () => boolean): Promise<Ended> {
    const report = newFolder();
    const environment = simulatedEnvironment({
      devices: [{ architecture: 'sm_80', memoryBytes: 256 * 2 ** 20 }],
      checks: { races: false },
      countMemory: false,
      report,
      toolkit: await fetchToolkit('13'),
    });
    const child = spawn(process.execPath, [main, ...parameters, '--device', 'cuda'], {
      env: { ...process.env, ...environment, HALYARD_CACHE: kernels },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [output, notes] = ['', ''];
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (notes += text));
    const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
    if (until) {
      while (!until() && child.exitCode === null) await pause(20);
      child.kill('SIGINT');
    }
    const status = await closed;
    return { status, output, notes, reports: (await readReports(report)).filter(({ launchCount }) => launchCount > 0) };
  }

  const expectNothingLeft = ({ reports }: Ended): void => {
    expect(reports.length).toBeGreaterThan(0);
    for (const { devices, objects, findings } of reports) {
      expect(findings).toEqual([]);
      expect(devices[0]!.usedBytes).toBe(0);
      expect(Object.entries(objects).filter(([, count]) => count > 0)).toEqual([]);
    }
  };

  it('llm times the lengths that were asked for, on the device alone', { timeout: 120_000 }, async () => {
    const ended = await bench([
      'llm',
      '--json',
      '--model',
      model,
      '--rounds',
      '1',
      '--tokens',
      '2',
      '--prefill',
      '8,20',
    ]);
    expect(ended.notes).toBe('');
    const { llm } = JSON.parse(ended.output);
    expect(Object.keys(llm)).toEqual(['device', 'measured']);
    expect(llm.device).toContain('(sm_80)');
    const [{ engine, ...speeds }] = llm.measured;
    expect(engine).toBe('halyard');
    expect(Object.keys(speeds)).toEqual(['decode', 'prefill8', 'prefill20']);
    for (const one of Object.values(speeds)) expect(one).toEqual({ tokensPerSecond: expect.any(Number) });
    expectNothingLeft(ended);
  });

  it('memory says what the models took of the device', { timeout: 120_000 }, async () => {
    const ended = await bench(['memory', '--model', model, '--encoder', encoder, '--rounds', '1', '--tokens', '2']);
    expect(ended.notes).toBe('');
    expect(ended.output).toContain('Memory planner');
    expect(ended.output).toMatch(/resident beyond them +on the device/);
    for (const name of ['tiny.gguf', 'tiny-encoder'])
      expect(ended.output).toMatch(new RegExp(`${name} .* \\d+\\.\\d MB\n`));
    expect(ended.output).toMatch(/Halyard on .*\(sm_80\)/);
    expectNothingLeft(ended);
  });

  it('leaks finds none, of the device neither', { timeout: 120_000 }, async () => {
    // The stand-in's own reports grow in this process.
    const parameters = ['leaks', '--model', model, '--dispatches', '4', '--loads', '2', '--growth', '1'];
    const ended = await bench(parameters);
    expect(ended.notes).toBe('');
    expect(ended.output).toMatch(/early .* pools early +pools late/);
    expect(ended.output).toContain('2 passed, 0 failed');
    expect(ended.status).toBe(0);
    expectNothingLeft(ended);
  });

  it('agreement compares with node-llama-cpp and with float32', { timeout: 120_000 }, async () => {
    const ended = await bench(['agreement', '--json', '--model', model, '--prompts', '2', '--tokens', '2']);
    const { agreement } = JSON.parse(ended.output);
    expect(agreement.device).toContain('(sm_80)');
    expect(agreement.results).toHaveLength(2);
    for (const { sameTokens, agreed, of, halyardDivergence } of agreement.results) {
      expect(sameTokens).toBe(true);
      expect(agreed).toBeLessThanOrEqual(of);
      expect(halyardDivergence).toBeLessThan(0.05);
    }
    expectNothingLeft(ended);
  });

  it('ends at Ctrl-C with everything that it started, in the middle of a run', { timeout: 120_000 }, async () => {
    const own = newFolder();
    const compiled = () =>
      readdirSync(own, { recursive: true, encoding: 'utf8' }).some((name) => name.endsWith('.ptx'));
    const parameters = ['matmul', '--shapes', '8x64x64', '--rounds', '100000'];
    const ended = await bench(parameters, own, compiled);
    expect(ended.status).toBe(130);
    expect(ended.output).toBe('');
    expectNothingLeft(ended);
  });
});
