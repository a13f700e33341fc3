import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildFolder } from '@halyard/native';
import type { Toolkit } from '@halyard/simulator';

const compiler = process.env.CXX ?? 'c++';

export const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The stand-in, which programs are linked against as against the driver itself. */
export const library = join(buildFolder(new URL('../..', import.meta.url)), 'driver', 'libcuda.so.1');

/** Compiles C++ of this folder with NVIDIA's headers; the compiler's words are in the error. */
export async function compileWithHeaders(toolkit: Toolkit, source: string, ...parameters: string[]): Promise<void> {
  const options = ['-std=c++20', '-Wall', '-Wextra', '-Werror', '-isystem', toolkit.include];
  await promisify(execFile)(compiler, [...options, pathOf(source), ...parameters]);
}
