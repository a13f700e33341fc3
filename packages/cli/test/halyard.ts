import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly notes: string;
}

const script = fileURLToPath(new URL('../bin/halyard.js', import.meta.url));

/** Runs the command line in a process of its own, as a user does. It has to be built. */
export function halyard(
  args: readonly string[],
  options: {
    readonly environment?: Record<string, string>;
    readonly closeOutput?: boolean;
    readonly input?: string;
  } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, ...options.environment } });
    let output = '';
    let notes = '';
    if (options.closeOutput) child.stdout.destroy();
    else child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (notes += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output, notes }));
    child.stdin.end(options.input ?? '');
  });
}
