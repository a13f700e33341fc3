import { AddonPackage, type NativeAddon } from '@halyard/native';
import type { ProbeAnswer } from './probe/answer.js';

export interface CudaAddon extends NativeAddon {
  /** Touches the driver: only for a child process. */
  probe(compilerPaths: readonly string[]): ProbeAnswer;
  /** CUDA C++ to PTX for `architecture` (80 for sm_80). Rejects with `cuda:compilation-failed`, `cuda:nvrtc-missing`. */
  compileSource(nvrtc: string, source: string, name: string, architecture: number): Promise<string>;
}

/** The addon. Loading it touches neither the driver nor NVRTC. */
export const addonPackage = new AddonPackage<CudaAddon>(
  new URL('..', import.meta.url),
  'backend-cuda',
  'halyard_cuda.node',
);
