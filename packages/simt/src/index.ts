export { generateProgram, generateProgramInTurns } from './generate.js';
export type { Argument, Extents, GeneratedProgram, Launch } from './kernel/kernel.js';
export type { LibraryAnswer, LibraryMatrix, LibraryProduct } from './kernel/library-product.js';
export { productKernel } from './kernel/library-product.js';
export type { TensorMap } from './kernel/tensor-map.js';
export { type DescribedProduct, describeProduct } from './matmul/library/describe-product.js';
export { supportsStep } from './supports-step.js';
export { computeCapability, type Target } from './target/target.js';
