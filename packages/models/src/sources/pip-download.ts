import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface PipDownloadOptions {
  readonly package: string;
  readonly version: string;
  /** An empty folder: the wheel is left in it. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (receivedBytes: number) => void;
}

const pollMs = 200;

/**
 * Lets pip fetch a wheel, so that the user's own configuration counts: index, mirrors, proxy, certificates.
 *
 * @returns the wheel's path
 * @throws Error in words
 */
export async function pipDownload(options: PipDownloadOptions): Promise<string> {
  const { folder, signal, onProgress } = options;
  const pythons = process.platform === 'win32' ? ['python', 'py', 'python3'] : ['python3', 'python'];
  const poll = setInterval(() => {
    largestFile(folder).then(
      (bytes) => bytes > 0 && onProgress?.(bytes),
      () => {},
    );
  }, pollMs);
  try {
    await runFirst(pythons, options);
  } finally {
    clearInterval(poll);
  }
  signal?.throwIfAborted();
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip gave no wheel');
  return join(folder, wheel);
}

async function runFirst(pythons: readonly string[], options: PipDownloadOptions): Promise<void> {
  for (const python of pythons) {
    const outcome = await runPip(python, options);
    if (outcome.started) {
      options.signal?.throwIfAborted();
      if (outcome.exitCode === 0) return;
      throw new Error(`pip answers: ${lastError(outcome.stderr)}`);
    }
  }
  throw new Error(`there is no Python (tried ${pythons.join(', ')})`);
}

type Outcome = { started: false } | { started: true; exitCode: number | null; stderr: string };

function runPip(python: string, { package: name, version, folder, signal }: PipDownloadOptions): Promise<Outcome> {
  const args = [
    '-m',
    'pip',
    'download',
    '--no-deps',
    '--only-binary',
    ':all:',
    '--no-cache-dir',
    '--progress-bar',
    'off',
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(python, [...args, '--disable-pip-version-check', '--dest', folder, `${name}==${version}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // pip writes there while it downloads: its growth is the progress.
      env: { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder },
      windowsHide: true,
      ...(signal === undefined ? {} : { signal }),
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-10_000);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve({ started: false });
      else if (error.name !== 'AbortError') reject(error);
    });
    child.on('close', (exitCode) => resolve({ started: true, exitCode, stderr }));
  });
}

function lastError(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const errors = lines.filter((line) => line.startsWith('ERROR:')).map((line) => line.slice('ERROR:'.length).trim());
  return errors.at(-1) ?? lines.findLast((line) => line !== '') ?? 'nothing, and fails';
}

async function largestFile(folder: string): Promise<number> {
  let largest = 0;
  for (const entry of await readdir(folder, { recursive: true })) {
    const status = await stat(join(folder, entry)).catch(() => undefined);
    if (status?.isFile() && status.size > largest) largest = status.size;
  }
  return largest;
}
