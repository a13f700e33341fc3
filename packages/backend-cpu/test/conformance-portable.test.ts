import cpuPlugin from '@halyard/backend-cpu';
import { testBackend } from '@halyard/conformance';
import { describe, it } from 'vitest';

describe('without any instruction set beyond the architecture’s own', () => {
  testBackend(cpuPlugin, { describe, it }, { open: { level: 'portable', threads: 1 }, programs: 25, seed: 2 });
});
