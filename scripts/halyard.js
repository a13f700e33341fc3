// The command line of a clone: builds first if nothing is built yet.
import { build, isBuilt, startCommandLine } from './build.js';

if (!isBuilt()) {
  process.stderr.write('Building Halyard (once, about a minute) …\n');
  build();
}
await startCommandLine();
