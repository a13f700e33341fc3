// `pnpm bench`: the benchmarks are a package with an install of its own, for the peers weigh more than Halyard.
import { fileURLToPath } from 'node:url';
import { build, isBuilt, run, start } from './build.js';

const folder = fileURLToPath(new URL('../bench', import.meta.url));
if (!isBuilt()) build();
run(['install', '--frozen-lockfile', '--silent'], folder);
run(['run', '--silent', 'build'], folder);
const { reportFailure } = await import('../packages/cli/dist/terminal/failure.js');
try {
  await start('../bench/dist/main.js');
} catch (error) {
  // Peers and devices may leave threads behind that would keep the process.
  process.exit(reportFailure(error));
}
