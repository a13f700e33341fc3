// Builds the addon, the NVRTC runner and the stand-in driver with CMake: incremental, nothing downloaded.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));
const nativePackage = dirname(createRequire(import.meta.url).resolve('@halyard/native/package.json'));
const fromNative = createRequire(join(nativePackage, 'package.json'));
const includes = [
  dirname(fromNative.resolve('node-addon-api/package.json')),
  fromNative('node-api-headers').include_dir,
];

/** Runs a command and ends with its status if it fails. */
function run(command, parameters) {
  const { status, error } = spawnSync(command, parameters, { cwd: folder, stdio: 'inherit' });
  if (error) {
    console.error(`${command} could not be run: ${error.message}. Install CMake 3.20 or newer and a C++20 compiler.`);
    process.exit(1);
  }
  if (status !== 0) process.exit(status ?? 1);
}

const hasNinja = spawnSync('ninja', ['--version']).status === 0;
run('cmake', [
  ...['-S', '.', '-B', 'build', '--log-level=WARNING', ...(hasNinja ? ['-G', 'Ninja'] : [])],
  `-DHALYARD_NODE_INCLUDE_DIRECTORIES=${includes.join(';')}`,
]);
run('cmake', ['--build', 'build', '--parallel', String(availableParallelism())]);
