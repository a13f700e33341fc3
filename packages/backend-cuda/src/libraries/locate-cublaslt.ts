import { locateLibrary } from './locate-library.js';

const isWindows = process.platform === 'win32';

/**
 * Files that may be cuBLASLt, and names for the loader to look up: where `HALYARD_CUBLASLT` says (then nothing else), else
 * the places of `locateLibrary`.
 */
export function locateCublasLt(environment: NodeJS.ProcessEnv = process.env): Promise<string[]> {
  return locateLibrary(
    {
      given: environment.HALYARD_CUBLASLT,
      fileName: isWindows ? /^cublasLt64_\d+\.dll$/ : /^libcublasLt\.so(\.\d+)*$/,
      bareNames: isWindows
        ? ['cublasLt64_13.dll', 'cublasLt64_12.dll', 'cublasLt64_11.dll']
        : ['libcublasLt.so.13', 'libcublasLt.so.12', 'libcublasLt.so.11'],
      pipFolders: ['cu13', 'cu12', 'cublas'],
    },
    environment,
  );
}
