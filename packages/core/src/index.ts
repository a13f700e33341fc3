export { decompose } from './compiler/decompose/index.js';
export type { Lifetime, MemoryPlan, MemoryPlanOptions } from './compiler/memory-plan.js';
export { planMemory } from './compiler/plan-memory.js';
export { defaultPrecision, type PrecisionPolicy } from './compiler/precision.js';
export * from './contract/index.js';
export * from './graph/index.js';
export * as reference from './reference/index.js';
export {
  type BackendDefinition,
  type Computation,
  defineBackend,
  interpret,
  referencePlugin,
} from './reference/index.js';
