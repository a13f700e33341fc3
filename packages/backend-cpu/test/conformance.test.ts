import cpuPlugin from '@halyard/backend-cpu';
import { testBackend } from '@halyard/conformance';
import { describe, it } from 'vitest';

testBackend(cpuPlugin, { describe, it });
