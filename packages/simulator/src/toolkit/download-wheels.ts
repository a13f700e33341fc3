import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalyardError } from '@halyard/core';
import { runPip } from './pip.js';
import type { Wheel } from './release.js';

/**
 * Lets pip fetch wheels and check them against their SHA-256, so that the user's own configuration counts: index,
 * mirrors, proxy, certificates.
 *
 * @param folder an empty one, where they are left
 * @returns path by package
 * @throws HalyardError `simulator:no-pip` without Python or pip, `simulator:no-toolkit` if pip gives no such wheels
 */
export async function downloadWheels(wheels: readonly Wheel[], folder: string): Promise<ReadonlyMap<string, string>> {
  if (wheels.length === 0) return new Map();
  const requirements = join(folder, 'requirements.txt');
  await writeFile(
    requirements,
    wheels.map((wheel) => `${requirement(wheel)} --hash=sha256:${wheel.sha256}\n`).join(''),
  );
  const parameters = ['download', '--no-deps', '--only-binary', ':all:', '--require-hashes'];
  parameters.push('--disable-pip-version-check', '--no-cache-dir', '--progress-bar', 'off');
  parameters.push('--dest', folder, '--requirement', requirements);
  await download(parameters, wheels);
  const names = await readdir(folder);
  return new Map(
    wheels.map((wheel) => {
      const start = `${wheel.package.replaceAll('-', '_')}-${wheel.version}-`;
      const name = names.find((candidate) => candidate.startsWith(start));
      if (name === undefined) throw noToolkit(`pip left no wheel ${start}*.whl`, wheels);
      return [wheel.package, join(folder, name)];
    }),
  );
}

const requirement = (wheel: Wheel) => `${wheel.package}==${wheel.version}`;

async function download(parameters: readonly string[], wheels: readonly Wheel[]): Promise<void> {
  const outcome = await runPip(...parameters);
  if (!outcome) throw noPip('no command python3 or python');
  if (outcome.status === 0) return;
  if (outcome.stderr.includes('No module named pip')) throw noPip(`${outcome.python} has no pip`);
  throw noToolkit(`pip said: ${outcome.stderr.trim().split('\n').slice(-4).join(' / ')}`, wheels);
}

function noPip(found: string): HalyardError {
  return new HalyardError('simulator:no-pip', {
    found,
    expected: 'Python 3 with pip, which fetches NVRTC and ptxas',
    remedy: 'Install them, for instance with: apt-get install python3-pip',
  });
}

function noToolkit(found: string, wheels: readonly Wheel[]): HalyardError {
  return new HalyardError('simulator:no-toolkit', {
    found,
    expected: `${wheels.map(requirement).join(', ')} from a package index that pip reaches`,
    remedy: `See what pip says about it: python3 -m pip download --no-deps ${wheels.map(requirement).join(' ')}`,
  });
}
