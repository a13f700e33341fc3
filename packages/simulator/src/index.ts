export {
  type ArchitectureModel,
  architectureModel,
  type Latencies,
  type MatrixRates,
  type Rates,
  type Residency,
} from './architecture/architecture.js';
export { type BlockResources, occupancy } from './architecture/occupancy.js';
export { type Resource, type Roofline, type RooflineOptions, roofline } from './architecture/roofline.js';
export {
  type ReportedCounters,
  type ReportedFinding,
  type ReportedLaunch,
  readReports,
  type SimulatorReport,
} from './environment/report.js';
export {
  type SimulatedEnvironmentOptions,
  type SimulatedFault,
  type SimulatedGpu,
  simulatedEnvironment,
} from './environment/simulated-environment.js';
export { estimateIssue, type IssueEstimate, type IssueOptions } from './issue/estimate.js';
export type { Pipe, StallReason } from './issue/timing.js';
export type { KernelArgument } from './kernel-arguments.js';
export type {
  Counters,
  Finding,
  FindingKind,
  InstructionClass,
  LaunchError,
  LaunchResult,
  MatrixType,
} from './launch-result.js';
export {
  type Dimensions,
  SimulatedDevice,
  type SimulatedDeviceOptions,
  type SimulatedLaunch,
  type SimulatedModule,
} from './simulated-device.js';
export type { KernelDescription } from './simulator-addon.js';
export { encodeTensorMap, type TensorMapDataType, type TensorMapOptions } from './tensor-map.js';
export { type Assembled, assemble, type KernelResources } from './toolkit/assemble.js';
export { type CompileCudaOptions, type CompiledCuda, compileCuda } from './toolkit/compile-cuda.js';
export { fetchCublasHeaders, fetchToolkit, type Toolkit } from './toolkit/fetch-toolkit.js';
export type { CudaMajor } from './toolkit/release.js';
export type { InstructionTrace, TracedInstruction, TraceOptions, WarpTrace } from './trace/instruction-trace.js';
