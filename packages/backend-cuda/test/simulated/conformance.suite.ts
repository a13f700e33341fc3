import cudaPlugin from '@halyard/backend-cuda';
import { testBackend } from '@halyard/conformance';
import { describe, it } from 'vitest';

const programs = Number(process.env.HALYARD_TEST_PROGRAMS ?? 8);
testBackend(cudaPlugin, { describe, it }, { programs, graphs: programs, timeoutMs: 60_000 });
