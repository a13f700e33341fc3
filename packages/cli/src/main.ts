import { createRequire } from 'node:module';
import { Command } from 'commander';
import { registerBench } from './command/bench.js';
import { registerDoctor } from './command/doctor.js';
import { registerEmbed } from './command/embed.js';
import { registerExplain } from './command/explain.js';
import { registerPull } from './command/pull.js';
import { registerQuickstart } from './command/quickstart.js';
import { registerRun } from './command/run.js';
import { reportFailure } from './terminal/failure.js';
import { endWhenReaderLeaves } from './terminal/output.js';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

const program = new Command('halyard')
  .description('Tensor compute on the hardware that is here')
  .version(version)
  .exitOverride()
  .showHelpAfterError('(--help says more)');

registerDoctor(program);
registerRun(program);
registerEmbed(program);
registerExplain(program);
registerBench(program);
registerPull(program);
registerQuickstart(program);

endWhenReaderLeaves();
// What nobody awaited or caught is reported like everything else.
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => process.exit(reportFailure(error)));
}
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportFailure(error);
}
