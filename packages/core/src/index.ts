export {
  type CompileDevice,
  type CompileOptions,
  compile,
  compileModule,
  type TuningLookup,
} from './compiler/compile.js';
export { decompose } from './compiler/decompose/index.js';
export type { Explanation, StepExplanation } from './compiler/explain.js';
export type { Lifetime, MemoryPlan, MemoryPlanOptions } from './compiler/memory-plan.js';
export type { Module, ModuleTensor, TensorOrigin } from './compiler/module.js';
export type { Command, Plan, PlannedProgram } from './compiler/plan.js';
export { planMemory } from './compiler/plan-memory.js';
export { defaultPrecision, type PrecisionPolicy } from './compiler/precision.js';
export { type Evaluate, simplify } from './compiler/simplify/index.js';
export { validateProgram } from './compiler/validate-program.js';
export * from './contract/index.js';
export * from './graph/index.js';
export type * from './kernels/index.js';
export * as reference from './reference/index.js';
export {
  type BackendDefinition,
  type Computation,
  defineBackend,
  interpret,
  referencePlugin,
} from './reference/index.js';
/** @internal For the house's own packages. */
export { breathe, cacheFolder, collectGarbage, startCompileThread } from './runtime/host/index.js';
export * from './runtime/index.js';
export * from './tuning/index.js';
