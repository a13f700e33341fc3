/** Contexts, tensors and the running of graphs. */
export { MLContext, type MLDispatchOptions } from './context.js';
export { createContext, type MLContextOptions } from './create-context.js';
export { CompiledGraph } from './graph/compiled-graph.js';
export type { MLNamedTensors } from './graph/signature.js';
export type { PoolEvents, PoolStatistics } from './pool/events.js';
export { type Acquisition, Pool, type PoolOptions } from './pool/pool.js';
export {
  type BackendReference,
  type BackendReport,
  forgetProbes,
  knownBackends,
  type ProbeBackendsOptions,
  probeBackends,
  type Selection,
  selectDevice,
} from './registry/index.js';
export type { Telemetry, TelemetryCounters, TelemetryEvents } from './telemetry.js';
export { MLConstantTensor, MLTensor, type MLTensorDescriptor } from './tensor.js';
