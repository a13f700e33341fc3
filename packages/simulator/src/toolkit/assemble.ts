import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HalyardError } from '@halyard/core';
import type { Toolkit } from './fetch-toolkit.js';
import { limited } from './limited.js';
import { cached } from './result-cache.js';
import { runProcess } from './run-process.js';

/** What ptxas says a kernel needs. */
export interface KernelResources {
  /** 32-bit registers per thread. */
  readonly registers: number;
  /** Static shared memory. */
  readonly sharedBytes: number;
  readonly constantBytes: number;
  readonly stackBytes: number;
  readonly spillStoreBytes: number;
  readonly spillLoadBytes: number;
  readonly barriers: number;
}

export interface Assembled {
  /** By name of the entry function. */
  readonly kernels: Readonly<Record<string, KernelResources>>;
  readonly log: string;
}

/**
 * Assembles PTX with ptxas, for what it says about registers, spills and shared memory. Results are kept in the user's
 * cache folder.
 *
 * @param architecture `sm_80`
 * @throws HalyardError `bad-argument` with ptxas' log if it does not assemble
 */
export function assemble(toolkit: Toolkit, ptx: string, architecture: string): Promise<Assembled> {
  return cached('ptxas', [toolkit.version, architecture, ptx], () =>
    limited(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'halyard-ptxas-'));
      try {
        const source = join(folder, 'kernel.ptx');
        await writeFile(source, ptx);
        const parameters = [
          '--verbose',
          `--gpu-name=${architecture}`,
          `--output-file=${join(folder, 'cubin')}`,
          source,
        ];
        const { status, stdout, stderr } = await runProcess(toolkit.ptxas, parameters);
        const log = (stdout + stderr).replaceAll(source, 'kernel.ptx');
        if (status === 0) return { kernels: parseResources(log), log };
        throw new HalyardError('bad-argument', {
          found: log.trim(),
          expected: `PTX that ptxas ${toolkit.version} assembles for ${architecture}`,
          remedy: 'Mend the kernel, or compile it for this architecture',
        });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }),
  );
}

const number = (text: string, pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);

/** Of `ptxas --verbose`, whose lines on an entry function follow the one that names it. */
export function parseResources(log: string): Record<string, KernelResources> {
  const kernels: Record<string, KernelResources> = {};
  for (const part of log.split("Compiling entry function '").slice(1)) {
    kernels[part.slice(0, part.indexOf("'"))] = {
      registers: number(part, /Used (\d+) registers/),
      sharedBytes: number(part, /(\d+) bytes smem/),
      constantBytes: number(part, /(\d+) bytes cmem/),
      stackBytes: number(part, /(\d+) bytes stack frame/),
      spillStoreBytes: number(part, /(\d+) bytes spill stores/),
      spillLoadBytes: number(part, /(\d+) bytes spill loads/),
      barriers: number(part, /used (\d+) barriers/),
    };
  }
  return kernels;
}
