import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalyardError } from '@halyard/core';
import { cacheFolder } from './cache-folder.js';
import { downloadWheels } from './download-wheels.js';
import { withFileLock } from './file-lock.js';
import { type CudaMajor, type Release, releases } from './release.js';
import { unpackWheel } from './unpack-wheel.js';

/** What of a CUDA toolkit compiles kernels. Paths are absolute. */
export interface Toolkit {
  readonly version: string;
  /** `libnvrtc.so.N`. */
  readonly nvrtc: string;
  /** Has cuda.h, cuda_fp16.h, cuda_bf16.h and mma.h. */
  readonly include: string;
  /** The assembler. */
  readonly ptxas: string;
  /** NVRTC looks for its built-in functions on the loader's path: this has to be on it. */
  readonly libraryFolder: string;
}

const marker = 'complete.json';

/**
 * NVRTC, ptxas and the headers of CUDA 11, 12 or 13, from NVIDIA's wheels on PyPI, checked by SHA-256 and kept in the user's
 * cache folder. Processes that want the same at the same time wait for the one that fetches it.
 *
 * @throws HalyardError `simulator:no-pip`, `simulator:no-toolkit`; `unsupported` elsewhere than on Linux on x86-64
 */
export async function fetchToolkit(major: CudaMajor): Promise<Toolkit> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new HalyardError('unsupported', {
      found: `${process.platform} on ${process.arch}`,
      expected: 'Linux on x64, for which the toolkit is fetched',
      remedy: 'Compile kernels on such a machine or in a container',
    });
  }
  const release: Release = releases[major];
  const cache = join(cacheFolder(), 'toolkit');
  const root = join(cache, `cuda-${release.version}`);
  if (!(await isComplete(root, release))) {
    await withFileLock(join(cache, `cuda-${release.version}.lock`), async () => {
      if (!(await isComplete(root, release))) await install(release, cache, root);
    });
  }
  return {
    version: release.version,
    nvrtc: join(root, release.nvrtc),
    include: join(root, 'include'),
    ptxas: join(root, 'bin', 'ptxas'),
    libraryFolder: join(root, 'lib'),
  };
}

/** What was installed, to see that it is this release and all of it. */
const inventory = (release: Release) => JSON.stringify(release.wheels);

async function isComplete(root: string, release: Release): Promise<boolean> {
  return (await readFile(join(root, marker), 'utf8').catch(() => undefined)) === inventory(release);
}

async function install(release: Release, cache: string, root: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'incoming-'));
  try {
    const downloads = join(work, 'wheels');
    const toolkit = join(work, 'toolkit');
    await mkdir(downloads);
    const paths = await downloadWheels(release.wheels, downloads);
    for (const wheel of release.wheels) await unpackWheel(paths.get(wheel.package)!, wheel, toolkit);
    await writeFile(join(toolkit, marker), inventory(release));
    await rm(root, { recursive: true, force: true });
    await rename(toolkit, root);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
