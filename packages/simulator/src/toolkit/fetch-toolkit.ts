import { join } from 'node:path';
import { fetchWheels } from './fetch-wheels.js';
import { type CudaMajor, cublasHeaders, type Release, releases } from './release.js';

/** What of a CUDA toolkit compiles kernels. Paths are absolute. */
export interface Toolkit {
  readonly version: string;
  /** `libnvrtc.so.N`. */
  readonly nvrtc: string;
  /** Has cuda.h, cuda_fp16.h, cuda_bf16.h and mma.h. */
  readonly include: string;
  /** The assembler. */
  readonly ptxas: string;
  /** NVRTC looks for its built-in functions on the loader's path: this has to be on it. */
  readonly libraryFolder: string;
}

/**
 * NVRTC, ptxas and the headers of CUDA 11, 12 or 13, from NVIDIA's wheels on PyPI, checked by SHA-256 and kept in the user's
 * cache folder. Processes that want the same at the same time wait for the one that fetches it.
 *
 * @throws HalyardError `simulator:no-pip`, `simulator:no-toolkit`; `unsupported` elsewhere than on Linux on x86-64
 */
export async function fetchToolkit(major: CudaMajor): Promise<Toolkit> {
  const release: Release = releases[major];
  const root = await fetchWheels(`cuda-${release.version}`, release.wheels);
  return {
    version: release.version,
    nvrtc: join(root, release.nvrtc),
    include: join(root, 'include'),
    ptxas: join(root, 'bin', 'ptxas'),
    libraryFolder: join(root, 'lib'),
  };
}

/**
 * The folder with cublasLt.h of CUDA 12 or 13, which includes headers of the toolkit. They come out of wheels of 400 to
 * 600 MB, of which some 300 kB are read where the index lets that be done.
 *
 * @throws HalyardError as {@link fetchToolkit}
 */
export async function fetchCublasHeaders(major: keyof typeof cublasHeaders): Promise<string> {
  const wheel = cublasHeaders[major];
  return join(await fetchWheels(`cublaslt-header-${wheel.version}`, [wheel]), 'include');
}
