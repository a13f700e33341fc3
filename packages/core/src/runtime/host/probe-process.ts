import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** How a child that probed a plugin ended. */
export type ProbeOutcome =
  | { readonly kind: 'answered'; readonly answer: unknown }
  | { readonly kind: 'timeout' }
  | {
      readonly kind: 'ended';
      readonly code: number | null;
      readonly signal: string | null;
      readonly errorOutput: string;
    }
  | { readonly kind: 'garbled'; readonly detail: string };

/**
 * What the child runs. The answer has a descriptor of its own, so that a plugin may print what it likes. It is handed
 * over as text, since core may be run from sources that a bare Node does not understand.
 */
const script = `
import { writeSync } from 'node:fs';
const [url, timeoutMs] = process.argv.slice(1);
const send = (answer) => {
  const bytes = Buffer.from(JSON.stringify(answer));
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(3, bytes, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
  process.exit(0);
};
let stage = 'import';
try {
  const plugin = (await import(url)).default;
  const { name, contract } = plugin ?? {};
  const isPlugin = typeof name === 'string' && typeof plugin.probe === 'function' && typeof plugin.open === 'function';
  if (!isPlugin) send({ stage: 'shape', keys: Object.keys(plugin ?? {}) });
  stage = 'probe';
  send({ stage: 'done', name, contract, report: await plugin.probe({ timeoutMs: Number(timeoutMs) }) });
} catch (error) {
  send({ stage, error: String(error?.stack ?? error) });
}
`;

/** Answers longer than this are not read on. */
const greatestAnswerBytes = 4 * 2 ** 20;

/** Imports a plugin and calls its `probe`, in a process of its own that can do what it wants but outlive the limit. */
export function probeInChild(url: string, timeoutMs: number): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script, '--', url, String(timeoutMs)], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      windowsHide: true,
      env: { ...process.env, NODE_OPTIONS: '', ELECTRON_RUN_AS_NODE: '1' },
    });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    const answer = collect(child.stdio[3] as Readable, greatestAnswerBytes, () => child.kill('SIGKILL'));
    const errorOutput = collect(child.stderr as Readable, 16_384, () => {});
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve({ kind: 'ended', code: null, signal: null, errorOutput: String(error) });
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      const text = answer();
      if (timedOut) resolve({ kind: 'timeout' });
      else if (text === '') resolve({ kind: 'ended', code, signal, errorOutput: errorOutput().trim() });
      else resolve(parse(text));
    });
  });
}

function parse(text: string): ProbeOutcome {
  try {
    return { kind: 'answered', answer: JSON.parse(text) };
  } catch (error) {
    return { kind: 'garbled', detail: (error as Error).message };
  }
}

function collect(stream: Readable, limit: number, onExcess: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    if (bytes >= limit) return onExcess();
    chunks.push(chunk);
    bytes += chunk.byteLength;
  });
  stream.on('error', () => {});
  return () => Buffer.concat(chunks).toString('utf8');
}
