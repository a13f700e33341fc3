import cpuPlugin from '@halyard/backend-cpu';
import { testBackend } from '@halyard/conformance';
import { describe, it } from 'vitest';

const { adapters } = await cpuPlugin.probe({ timeoutMs: 10_000 });
/** The instruction sets that this machine has below its best one, which the suite beside this one is about. */
const lower = adapters.flatMap(({ relatives }) => relatives.map((architecture) => architecture.replace(/^\w+-/, '')));

describe.each(lower.length > 0 ? lower : ['portable'])('with no instruction set above %s', (level) => {
  testBackend(cpuPlugin, { describe, it }, { open: { level, threads: 1 }, programs: 25, seed: 2 });
});
