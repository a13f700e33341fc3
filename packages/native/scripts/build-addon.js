import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const nativePackage = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const includes = [dirname(require.resolve('node-addon-api/package.json')), require('node-api-headers').include_dir];

/**
 * Builds what the CMakeLists.txt of a package says into its folder `build`: incremental, nothing downloaded (Node-API's
 * headers come as packages). Ends the process if it fails.
 *
 * @param {URL} packageFolder the package's folder
 */
export function buildAddon(packageFolder) {
  const folder = fileURLToPath(packageFolder);
  const hasNinja = spawnSync('ninja', ['--version']).status === 0;
  run(folder, [
    ...['-S', '.', '-B', 'build', '--log-level=WARNING', '--no-warn-unused-cli', ...(hasNinja ? ['-G', 'Ninja'] : [])],
    `-DHALYARD_NATIVE_PACKAGE=${nativePackage.replace(/\/$/, '')}`,
    `-DHALYARD_NODE_INCLUDE_DIRECTORIES=${includes.join(';')}`,
  ]);
  run(folder, ['--build', 'build', '--parallel', String(availableParallelism())]);
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
