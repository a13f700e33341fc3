import { locateLibrary } from './locate-library.js';

const isWindows = process.platform === 'win32';

/**
 * Files that may be NVRTC, and names for the loader to look up: where `HALYARD_NVRTC` says (then nothing else), else the
 * places of `locateLibrary`.
 */
export function locateNvrtc(environment: NodeJS.ProcessEnv = process.env): Promise<string[]> {
  return locateLibrary(
    {
      given: environment.HALYARD_NVRTC,
      // Not its built-in functions, nor NVIDIA's static or alternative builds.
      fileName: isWindows ? /^nvrtc64_\d+_0\.dll$/ : /^libnvrtc\.so(\.\d+)*$/,
      // 11.2 is the name of all of 11.x.
      bareNames: isWindows
        ? ['nvrtc64_130_0.dll', 'nvrtc64_120_0.dll', 'nvrtc64_112_0.dll']
        : ['libnvrtc.so.13', 'libnvrtc.so.12', 'libnvrtc.so.11.2'],
      pipFolders: ['cu13', 'cu12', 'cuda_nvrtc'],
    },
    environment,
  );
}
