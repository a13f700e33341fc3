export type { Argument, Extents, GeneratedProgram, Launch } from './kernel/kernel.js';
export { computeCapability, type Target } from './target/target.js';
