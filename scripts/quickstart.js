// `pnpm quickstart`: from a fresh clone to an answer. pnpm has installed what is needed before this runs.
import { build, startCommandLine } from './build.js';

process.stderr.write('Building Halyard …\n');
build();
process.argv.splice(2, 0, 'quickstart');
await startCommandLine();
