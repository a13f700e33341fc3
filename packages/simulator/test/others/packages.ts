import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { compileCuda, fetchToolkit } from '@halyard/simulator';
import { cacheFolder } from '../../src/toolkit/cache-folder.js';
import { fetchWheels } from '../../src/toolkit/fetch-wheels.js';
import type { Wheel } from '../../src/toolkit/release.js';

// Programs that others wrote, from packages on PyPI. Nothing of them is in this repository.

const ccclWheel: Wheel = {
  package: 'nvidia-cuda-cccl',
  version: '13.0.85',
  sha256: 'e0da7ad981f3a8aff08241b5bfc1af868742a63e2762f53a5171c492ef242649',
  root: 'nvidia/cu13/include/',
  members: ['cccl/'],
};

const cutlassWheel: Wheel = {
  package: 'nvidia-cutlass',
  version: '4.2.0.0',
  sha256: 'f9599ada45c7bcb6bf53f7d3f0a7d154183e53451c01bfa59eecd37dd4a693f6',
  root: 'cutlass_library/source/',
  members: ['include/cutlass/', 'include/cute/', 'tools/util/include/cutlass/', 'examples/cute/tutorial/'],
};

const tinygradWheel: Wheel = {
  package: 'tinygrad',
  version: '0.14.0',
  sha256: 'd2a5bea33c637fdf105963632329876b3d3253d38295ac1ffd2ff81646d93be3',
  root: '',
  members: ['tinygrad/'],
};

/** CUB, Thrust and libcu++: the folder to include from. */
export const cudaCoreLibraries = () => fetchWheels('cccl-13.0.85', [ccclWheel]);

/** CUTLASS: the root of its sources. */
export const cutlassSources = () => fetchWheels('cutlass-4.2.0.0', [cutlassWheel]);

/** tinygrad: the folder for `PYTHONPATH`. */
export const tinygradFolder = () => fetchWheels('tinygrad-0.14.0', [tinygradWheel]);

/** A fault to plant: a place of a header of CUTLASS, and what stands there instead. */
export interface Edit {
  readonly folder: 'include' | 'tools/util/include';
  readonly header: string;
  readonly found: string;
  readonly replaced: string;
}

/** A folder to include from before all others, with the edited header in it. */
async function edited({ folder, header, found, replaced }: Edit): Promise<string> {
  const text = await readFile(join(await cutlassSources(), folder, header), 'utf8');
  if (text.split(found).length !== 2) throw new Error(`${header} has "${found}" not once`);
  const content = text.replace(found, replaced);
  const name = createHash('sha256').update(header).update(content).digest('hex').slice(0, 16);
  const path = join(cacheFolder(), 'simulator', `edited-${name}`, header);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return join(cacheFolder(), 'simulator', `edited-${name}`);
}

/**
 * Compiles a source that includes what those packages have. Functions that say nothing are the device's too, as CUTLASS
 * wants it.
 */
export async function compileOthers(
  source: string,
  options: readonly string[] = [],
  edit?: Edit,
  architecture = 'sm_80',
): Promise<string> {
  const [toolkit, libraries, cutlass] = await Promise.all([fetchToolkit('13'), cudaCoreLibraries(), cutlassSources()]);
  // CUTLASS says <cccl/cuda/…>, the libraries among themselves <cuda/…>.
  const folders = [join(cutlass, 'include'), join(cutlass, 'tools/util/include'), libraries, join(libraries, 'cccl')];
  if (edit) folders.unshift(await edited(edit));
  const all = ['--device-as-default-execution-space', '--generate-line-info', ...options];
  all.push(...folders.map((folder) => `--include-path=${folder}`));
  return (await compileCuda(toolkit, source, { architecture, options: all })).ptx;
}
