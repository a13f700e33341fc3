import { join } from 'node:path';
import { type Adapter, type Configuration, cacheFolder, type Program } from '@halyard/core';
import { type GeneratedKernels, type Handle, nativePromise } from '@halyard/native';
import { computeCapability, generateProgramInTurns } from '@halyard/simt';
import type { CudaAddon } from '../load-addon.js';
import { targetOf } from '../probe/adapter.js';
import { productPlanner } from '../products/plan-products.js';
import type { ProductTrial } from '../products/product-trial.js';
import type { ProductsOption } from '../products/products-option.js';
import { ContentCache } from './content-cache.js';

/**
 * Generates and compiles the kernels of programs for one adapter. PTX is kept in the user's cache folder.
 *
 * @param products who multiplies matrices, see productPlanner
 * @returns a function that rejects with `unsupported`, `cuda:compilation-failed` or `cuda:nvrtc-missing`
 */
export function kernelGenerator(
  addon: CudaAddon,
  adapter: Adapter,
  products: ProductsOption | undefined,
  trial: ProductTrial,
): (program: Program, tuning: readonly Configuration[], device: Handle) => Promise<GeneratedKernels> {
  const target = targetOf(adapter);
  const architecture = computeCapability(target);
  const { nvrtc = '', nvrtcPath = '' } = adapter.versions;
  const cache = new ContentCache(join(cacheFolder(), 'kernels', 'cuda'));
  const compile = (source: string) =>
    cache.get(ContentCache.key(nvrtc, target.architecture, source), () =>
      nativePromise(() => addon.compileSource(nvrtcPath, source, 'program.cu', architecture)),
    );
  const planProducts = productPlanner(addon, adapter, products, trial);
  return async (program, tuning, device) => {
    const library = await planProducts(program, tuning, device);
    const generated = await generateProgramInTurns(program, target, tuning, library);
    const { modules, launches, scratchBytes, packed, choices } = generated;
    const compiled = await Promise.all(modules.map(({ source }) => compile(source)));
    return { kernels: { modules: compiled, launches, scratchBytes, packed }, choices };
  };
}
