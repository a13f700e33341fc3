export { generateProgram, generateProgramInTurns } from './generate.js';
export type { GeneratedProgram } from './kernel/generated-program.js';
export { type LibraryAnswer, productKernel } from './kernel/library-answer.js';
export { type DescribedProduct, describeProduct } from './matmul/library/describe-product.js';
export { supportsStep } from './supports-step.js';
export { computeCapability, type Target } from './target/target.js';
