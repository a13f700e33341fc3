import { AddonPackage, type Handle, type NativeAddon } from '@halyard/native';
import type { ProbeAnswer } from './probe/answer.js';

/** How cuBLASLt would go about a product, or why it would not. */
export type ProductAnswer =
  | { readonly workspaceBytes: number; readonly algorithm: string; readonly waves: number }
  | { readonly refusal: string };

export interface CudaAddon extends NativeAddon {
  /** Touches the driver: only for a child process. */
  probe(compilerPaths: readonly string[], productLibraryPaths: readonly string[]): ProbeAnswer;
  /** CUDA C++ to PTX for `architecture` (80 for sm_80). Rejects with `cuda:compilation-failed`, `cuda:nvrtc-missing`. */
  compileSource(nvrtc: string, source: string, name: string, architecture: number): Promise<string>;
  /**
   * What cuBLASLt makes of each product that `encodeProducts` wrote. Rejects with `cuda:cublaslt-missing`,
   * `cuda:cublaslt-too-old`, `backend-failed`.
   */
  planProducts(device: Handle, products: Uint8Array): Promise<readonly ProductAnswer[]>;
}

/** The addon. Loading it touches neither the driver nor NVRTC. */
export const addonPackage = new AddonPackage<CudaAddon>(
  new URL('..', import.meta.url),
  'backend-cuda',
  'halyard_cuda.node',
);
