import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildFolder } from '@halyard/native';
import { fetchToolkit, type Toolkit } from '@halyard/simulator';
import { cacheFolder } from '../../src/toolkit/cache-folder.js';
import { withFileLock } from '../../src/toolkit/file-lock.js';

const compiler = process.env.CXX ?? 'c++';

export const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The stand-in, which programs are linked against as against the driver itself. */
const library = join(buildFolder(new URL('../..', import.meta.url)), 'driver', 'libcuda.so.1');

/** Compiles C++ of this folder with NVIDIA's headers; the compiler's words are in the error. */
export async function compileWithHeaders(toolkit: Toolkit, source: string, ...parameters: string[]): Promise<void> {
  const options = ['-std=c++20', '-Wall', '-Wextra', '-Werror', '-isystem', toolkit.include];
  await promisify(execFile)(compiler, [...options, pathOf(source), ...parameters]);
}

/**
 * A program of the folder `programs`, compiled once for all tests that run it, and kept in the user's cache folder until
 * its source changes.
 */
export async function compiledProgram(name: string): Promise<string> {
  const toolkit = await fetchToolkit('13');
  const source = `programs/${name}.cpp`;
  const key = createHash('sha256').update(`${compiler} ${toolkit.version}`);
  for (const file of [source, 'programs/program.h']) key.update(readFileSync(pathOf(file)));
  const path = join(cacheFolder(), 'simulator', `${name}-${key.digest('hex').slice(0, 16)}`);
  await withFileLock(`${path}.lock`, async () => {
    if (existsSync(path)) return;
    const linking = ['-Wl,--allow-shlib-undefined', library, '-ldl'];
    await compileWithHeaders(toolkit, source, '-o', `${path}.new`, ...linking);
    await rename(`${path}.new`, path);
  });
  return path;
}
