import { spawn } from 'node:child_process';

export interface Outcome {
  /** null: ended by a signal. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/**
 * Runs a command to its end.
 *
 * @throws Error with code `ENOENT` if there is no such command
 */
export function runProcess(command: string, parameters: readonly string[], options: ProcessOptions = {}) {
  return new Promise<Outcome>((resolve, reject) => {
    const child = spawn(command, parameters, { env: options.environment ?? process.env });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
    // A child that ends before it read everything is judged by its status.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}
