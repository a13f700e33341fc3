/** In which order generated loops load, compute and store, by a model of the architecture. */
export { type ArchitectureModel, architectureModel, architectureModels } from './architectures.js';
export { type LoadLoop, type LoadPlan, planLoads } from './loads.js';
export { type LoadsAhead, type LoopStep, loadsAhead, type Pipeline, planPipeline } from './pipeline.js';
