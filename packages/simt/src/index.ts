export { generateProgram, generateProgramInTurns } from './generate.js';
export type { Argument, Extents, GeneratedProgram, Launch } from './kernel/kernel.js';
export type { TensorMap } from './kernel/tensor-map.js';
export { supportsStep } from './supports-step.js';
export { computeCapability, type Target } from './target/target.js';
