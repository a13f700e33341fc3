export { generateProgram } from './generate.js';
export type { Argument, Extents, GeneratedProgram, Launch } from './kernel/kernel.js';
export { supportsStep } from './supports-step.js';
export { computeCapability, type Target } from './target/target.js';
