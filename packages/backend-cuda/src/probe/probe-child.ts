import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { ProbeAnswer } from './answer.js';

/** How the child that touched the driver ended. */
export type ChildOutcome =
  | { readonly kind: 'answered'; readonly answer: ProbeAnswer }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'no-addon'; readonly message: string }
  | { readonly kind: 'crashed'; readonly how: string; readonly errorOutput: string };

/** Plain JavaScript as text: the child loads the addon alone, wherever this module was loaded from. */
const script = `
import { createRequire } from 'node:module';
import { writeSync } from 'node:fs';
const [base, place, compilers, libraries] = process.argv.slice(1);
const send = (answer) => {
  const bytes = Buffer.from(JSON.stringify(answer));
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(3, bytes, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
};
let addon;
try {
  addon = createRequire(base)(place);
} catch (error) {
  send({ message: String(error?.message ?? error) });
  process.exit(0);
}
send({ answer: addon.probe(JSON.parse(compilers), JSON.parse(libraries)) });
process.exit(0);
`;

/** Where the vendor's libraries may be. */
export interface LibraryPaths {
  readonly compilers: readonly string[];
  readonly productLibraries: readonly string[];
}

/** Has a child process load the driver and the libraries, and every device compute. */
export function probeInChild(
  addon: string,
  { compilers, productLibraries }: LibraryPaths,
  timeoutMs: number,
): Promise<ChildOutcome> {
  return new Promise((resolve) => {
    const parameters = [
      '--input-type=module',
      '--eval',
      script,
      '--',
      import.meta.url,
      addon,
      JSON.stringify(compilers),
      JSON.stringify(productLibraries),
    ];
    const child = spawn(process.execPath, parameters, {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      windowsHide: true,
      env: { ...process.env, NODE_OPTIONS: '', ELECTRON_RUN_AS_NODE: '1' },
    });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    const answer = collect(child.stdio[3] as Readable);
    const errorOutput = collect(child.stderr as Readable);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve({ kind: 'crashed', how: String(error), errorOutput: '' });
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (timedOut) resolve({ kind: 'timeout' });
      else resolve(understand(answer(), signal ? `signal ${signal}` : exitText(code), errorOutput()));
    });
  });
}

/** Windows ends a process that crashed with the number of the exception, which is known in hexadecimal. */
function exitText(code: number | null): string {
  return code !== null && code >= 0x8000_0000 ? `exception 0x${code.toString(16)}` : `exit code ${code}`;
}

function understand(text: string, how: string, errorOutput: string): ChildOutcome {
  try {
    const { answer, message } = JSON.parse(text) as { answer?: ProbeAnswer; message?: string };
    if (answer) return { kind: 'answered', answer };
    if (message !== undefined) return { kind: 'no-addon', message };
  } catch {
    // Nothing, or something cut short: it crashed.
  }
  return { kind: 'crashed', how, errorOutput: errorOutput.trim() };
}

function collect(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', () => {});
  return () => Buffer.concat(chunks).toString('utf8');
}
