import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The Python peers, exact. */
const requirements = ['ik-llama-cpp-python==0.1.5', 'numpy==2.4.6', 'safetensors==0.8.0', 'tokenizers==0.23.3'];

/** Where the benchmarks keep what they build and install. */
export function benchCache(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'halyard', 'bench');
}

/** The interpreter of a virtual environment that holds the Python peers; made on first use. */
export async function peerPython(): Promise<string> {
  const folder = join(benchCache(), 'python');
  const python = join(folder, 'bin', 'python');
  const stamp = join(folder, `${requirements.join('+')}.installed`);
  if (existsSync(stamp)) return python;
  process.stderr.write(`Installing ${requirements.join(', ')} into ${folder}\n`);
  await mkdir(benchCache(), { recursive: true });
  await run('python3', ['-m', 'venv', folder]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...requirements]);
  await writeFile(stamp, '');
  return python;
}
