export type { Lifetime, MemoryPlan, MemoryPlanOptions } from './compiler/memory-plan.js';
export { planMemory } from './compiler/plan-memory.js';
export * from './contract/index.js';
export * as reference from './reference/index.js';
export { interpret } from './reference/index.js';
