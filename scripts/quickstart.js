// `pnpm quickstart`: from a fresh clone to an answer. pnpm has installed what is needed before this runs.
import { build } from './build.js';

process.stderr.write('Building Halyard …\n');
build();
process.argv.splice(2, 0, 'quickstart');
await import('../packages/cli/bin/halyard.js');
