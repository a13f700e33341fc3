import { join } from 'node:path';
import { type Adapter, type Configuration, cacheFolder, type Program } from '@halyard/core';
import { type GeneratedKernels, nativePromise } from '@halyard/native';
import { computeCapability, generateProgramInTurns } from '@halyard/simt';
import type { CudaAddon } from '../load-addon.js';
import { targetOf } from '../probe/adapter.js';
import { KernelCache } from './kernel-cache.js';

/**
 * Generates and compiles the kernels of programs for one adapter. PTX is kept in the user's cache folder.
 *
 * @returns a function that rejects with `unsupported`, `cuda:compilation-failed` or `cuda:nvrtc-missing`
 */
export function kernelGenerator(
  addon: CudaAddon,
  adapter: Adapter,
): (program: Program, tuning: readonly Configuration[]) => Promise<GeneratedKernels> {
  const target = targetOf(adapter);
  const architecture = computeCapability(target);
  const { nvrtc = '', nvrtcPath = '' } = adapter.versions;
  const cache = new KernelCache(join(cacheFolder(), 'kernels', 'cuda'));
  const compile = (source: string) =>
    cache.get(KernelCache.key(nvrtc, target.architecture, source), () =>
      nativePromise(() => addon.compileSource(nvrtcPath, source, 'program.cu', architecture)),
    );
  return async (program, tuning) => {
    const { modules, launches, scratchBytes, packed, choices } = await generateProgramInTurns(program, target, tuning);
    const compiled = await Promise.all(modules.map(({ source }) => compile(source)));
    return { kernels: { modules: compiled, launches, scratchBytes, packed }, choices };
  };
}
