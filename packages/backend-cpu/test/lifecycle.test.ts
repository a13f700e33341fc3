import { spawnSync } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { built } from '../../core/test/runtime/built.js';

/** Plain Node runs these programs, over the built packages: what is tested is how a process and its threads end. */
const entry = built(new URL('../dist/index.js', import.meta.url));
const prelude = `
const { default: plugin } = await import(${JSON.stringify(entry.href)});
const { adapters } = await plugin.probe({ timeoutMs: 10000 });
const open = () => plugin.open(adapters[0], { threads: 2 });
const elements = 1 << 22;
const view = (tensor) => ({ tensor, offset: 0, shape: [elements], strides: [1] });
const program = {
  version: { major: 1, minor: 0 },
  bindings: [{ role: 'input', name: 'x', bytes: elements * 4 }, { role: 'output', name: 'y', bytes: elements * 4 }],
  tensors: [0, 1].map((binding) => ({ type: 'float32', shape: [elements], at: { binding }, offset: 0 })),
  steps: [{
    kind: 'map', inputs: [view(0)], outputs: [view(1)], attributes: {}, after: [], origin: [],
    epilogue: { inputs: [], body: [{ op: 'exp', arguments: [0], dataType: 'float32' }], results: [1] },
  }],
  workspaceBytes: 0,
};
async function prepare(device) {
  const executable = await device.compile(program, [{}]);
  const region = await device.memory.reserve(elements * 8 + 65536, 'device');
  const span = (offset, bytes) => ({ region, offset, bytes });
  const bound = executable.bind(
    [span(0, elements * 4), span(elements * 4, elements * 4)], [], span(elements * 8, 65536),
  );
  return { queue: device.queue('compute'), bound, output: span(elements * 4, elements * 4) };
}
`;

function runProcess(body: string) {
  return spawnSync(process.execPath, ['--input-type=module', '--eval', prelude + body], {
    encoding: 'utf8',
    timeout: 20_000,
  });
}

function runWorker(body: string): Promise<{ code: number; messages: unknown[] }> {
  const source = `import { parentPort } from 'node:worker_threads';${prelude}${body}`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  const messages: unknown[] = [];
  worker.on('message', (message) => messages.push(message));
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', (code) => resolve({ code, messages }));
  });
}

describe('a process', () => {
  it('ends by itself when its work is done, without closing the device', () => {
    const { status, stdout } = runProcess(`
      const { queue, bound } = await prepare(await open());
      await queue.run(bound).wait();
      console.log('done');
    `);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'done\n' });
  });

  it('takes no time of any core while its device has nothing to do', () => {
    const { status, stdout } = runProcess(`
      const { queue, bound } = await prepare(await plugin.open(adapters[0], { threads: 4 }));
      await queue.run(bound).wait();
      await new Promise((resolve) => setTimeout(resolve, 100));
      const before = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 500));
      const { user, system } = process.cpuUsage(before);
      console.log(JSON.stringify((user + system) / 1000));
    `);
    expect(status).toBe(0);
    // Milliseconds of the 500; one thread that waits by looking takes them all.
    expect(Number(stdout)).toBeLessThan(50);
  });

  it('may exit with work in flight', () => {
    const { status, signal } = runProcess(`
      const { queue, bound } = await prepare(await open());
      for (let i = 0; i < 200; i++) queue.run(bound);
      process.exit(7);
    `);
    expect({ status, signal }).toEqual({ status: 7, signal: null });
  });

  it('closes a device behind what is in flight, and fails what comes later with destroyed', () => {
    const { status, stdout, stderr } = runProcess(`
      const device = await open();
      const { queue, bound, output } = await prepare(device);
      const running = Array.from({ length: 20 }, () => queue.run(bound));
      const closing = device.close();
      const late = queue.run(bound);
      await closing;
      await Promise.all(running.map((token) => token.wait()));
      console.log(await late.wait().catch((error) => error.code));
      console.log(device.queue('copy').fill(output, 0).error.code);
    `);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'destroyed\ndestroyed\n', stderr: '' });
  });

  it('reads from a file that was cut short as a typed error', () => {
    const { status, stdout, stderr } = runProcess(`
      const { mkdtempSync, rmSync, truncateSync, writeFileSync } = await import('node:fs');
      const { tmpdir } = await import('node:os');
      const { join } = await import('node:path');
      const folder = mkdtempSync(join(tmpdir(), 'halyard-'));
      const path = join(folder, 'weights');
      writeFileSync(path, Buffer.alloc(elements * 4));
      const device = await open();
      const region = await device.memory.map({ path, offset: 0, bytes: elements * 4 });
      truncateSync(path, 4096);
      const into = new Uint8Array(elements * 4);
      const token = device.queue('copy').read({ region, offset: 0, bytes: elements * 4 }, into);
      console.log(await token.wait().then(() => 'no error', (error) => error.code));
      rmSync(folder, { recursive: true });
    `);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'bad-file\n', stderr: '' });
  });
});

describe('worker threads', () => {
  it('have contexts of their own, side by side', async () => {
    const body = `
      const { queue, bound } = await prepare(await open());
      for (let i = 0; i < 20; i++) await queue.run(bound).wait();
      parentPort.postMessage('done');
    `;
    const results = await Promise.all([runWorker(body), runWorker(body)]);
    expect(results).toEqual([
      { code: 0, messages: ['done'] },
      { code: 0, messages: ['done'] },
    ]);
  });

  it('may exit with work in flight, again and again', async () => {
    for (let round = 0; round < 3; round++) {
      const { code } = await runWorker(`
        const { queue, bound } = await prepare(await open());
        for (let i = 0; i < 100; i++) queue.run(bound);
        process.exit(3);
      `);
      expect(code).toBe(3);
    }
  });
});
