import { fileURLToPath } from 'node:url';
import { HalyardError } from '@halyard/core';
import type { Toolkit } from './fetch-toolkit.js';
import { limited } from './limited.js';
import { cached } from './result-cache.js';
import { type Outcome, runProcess } from './run-process.js';

/** What CMake builds of native/toolkit; the same from src and from dist. */
const compiler = fileURLToPath(new URL('../../build/toolkit/halyard-nvrtc', import.meta.url));

export interface CompileCudaOptions {
  /** `sm_80`, `sm_90a`. */
  readonly architecture: string;
  /** NVRTC's own, besides the architecture, the toolkit's headers and C++17. */
  readonly options?: readonly string[];
}

export interface CompiledCuda {
  readonly ptx: string;
  /** What NVRTC had to say: warnings. */
  readonly log: string;
}

/**
 * Compiles CUDA C++ to PTX with NVRTC. Results are kept in the user's cache folder.
 *
 * @throws HalyardError `bad-argument` if the source does not compile, with NVRTC's log; `simulator:no-compiler` if NVRTC
 *   cannot be run
 */
export function compileCuda(toolkit: Toolkit, source: string, options: CompileCudaOptions): Promise<CompiledCuda> {
  const target = options.architecture.replace(/^sm_/, 'compute_');
  const parameters = [`--gpu-architecture=${target}`, '--std=c++17', ...(options.options ?? [])];
  return cached('ptx', [toolkit.version, parameters, source], () =>
    limited(async () => {
      const outcome = await runNvrtc(toolkit, source, [...parameters, `--include-path=${toolkit.include}`]);
      if (outcome.status === 0) return { ptx: outcome.stdout, log: outcome.stderr };
      if (outcome.status === 1) {
        throw new HalyardError('bad-argument', {
          found: outcome.stderr.trim(),
          expected: `CUDA C++ that NVRTC ${toolkit.version} compiles for ${options.architecture}`,
          remedy: 'Mend the source',
        });
      }
      throw noCompiler(`it ended with ${outcome.signal ?? outcome.status}: ${outcome.stderr.trim()}`);
    }),
  );
}

function runNvrtc(toolkit: Toolkit, source: string, parameters: readonly string[]): Promise<Outcome> {
  const path = [toolkit.libraryFolder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
  const environment = { ...process.env, LD_LIBRARY_PATH: path };
  return runProcess(compiler, [toolkit.nvrtc, ...parameters], { input: source, environment }).catch((error) => {
    throw noCompiler((error as Error).message);
  });
}

function noCompiler(found: string): HalyardError {
  return new HalyardError('simulator:no-compiler', {
    found,
    expected: `${compiler}, which runs NVRTC`,
    remedy: 'Build the package: pnpm --filter @halyard/simulator build',
  });
}
