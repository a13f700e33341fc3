export { type Assembled, assemble, type KernelResources } from './toolkit/assemble.js';
export { type CompileCudaOptions, type CompiledCuda, compileCuda } from './toolkit/compile-cuda.js';
export { fetchToolkit, type Toolkit } from './toolkit/fetch-toolkit.js';
export type { CudaMajor } from './toolkit/release.js';
