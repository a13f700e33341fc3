import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const nativePackage = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const headers = require('node-api-headers');
const includes = [dirname(require.resolve('node-addon-api/package.json')), headers.include_dir];

/** Where the packages look for what was built; `HALYARD_SANITIZE` (`address,undefined`, `thread`) wants a folder of its own. */
const { HALYARD_BUILD: build = 'build', HALYARD_SANITIZE: sanitizers = '' } = process.env;

/**
 * Builds what the CMakeLists.txt of a package says into its folder `build`, or the one that `HALYARD_BUILD` names:
 * incremental, nothing downloaded (Node-API's headers come as packages). Ends the process if it fails.
 *
 * @param {URL} packageFolder the package's folder
 */
export function buildAddon(packageFolder) {
  const folder = fileURLToPath(packageFolder);
  run(folder, [
    ...['-S', '.', '-B', build, '--log-level=WARNING', '--no-warn-unused-cli', ...generator(folder)],
    `-DHALYARD_NATIVE_PACKAGE=${nativePackage.replace(/\/$/, '')}`,
    `-DHALYARD_NODE_INCLUDE_DIRECTORIES=${includes.join(';')}`,
    `-DHALYARD_NODE_EXPORTS=${dirname(headers.def_paths.node_api_def)}`,
    `-DHALYARD_SANITIZE=${sanitizers}`,
  ]);
  run(folder, ['--build', build, '--parallel', String(availableParallelism())]);
}

/** Ninja where it is had; a folder that is configured keeps what it was configured with, as CMake cannot change it. */
function generator(folder) {
  const isConfigured = existsSync(join(folder, build, 'CMakeCache.txt'));
  return !isConfigured && spawnSync('ninja', ['--version']).status === 0 ? ['-G', 'Ninja'] : [];
}

/** Runs CMake and ends with its status if it fails. */
function run(folder, parameters) {
  const { status, error } = spawnSync('cmake', parameters, { cwd: folder, stdio: 'inherit' });
  if (error) {
    console.error(`cmake could not be run: ${error.message}. Install CMake 3.20 or newer and a C++20 compiler.`);
    process.exit(1);
  }
  if (status !== 0) process.exit(status ?? 1);
}
