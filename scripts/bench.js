// `pnpm bench`: the benchmarks are a package with an install of its own, for the peers weigh more than Halyard.
import { fileURLToPath } from 'node:url';
import { build, isBuilt, run, start } from './build.js';

const folder = fileURLToPath(new URL('../bench', import.meta.url));
if (!isBuilt()) build();
run(['install', '--frozen-lockfile', '--silent'], folder);
run(['run', '--silent', 'build'], folder);
await start('../bench/dist/main.js');
