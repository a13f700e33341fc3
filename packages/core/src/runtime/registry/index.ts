export { type BackendReference, knownBackends } from './candidates.js';
export { type BackendReport, forgetProbes } from './probe.js';
export { type ProbeBackendsOptions, probeBackends, type Selection, selectDevice } from './select.js';
