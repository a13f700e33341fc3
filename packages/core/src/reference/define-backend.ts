import type {
  Adapter,
  BackendPlugin,
  Configuration,
  ProbeOptions,
  ProbeReport,
  Program,
  Step,
  Support,
  Tensor,
} from '../contract/index.js';
import { contractVersion } from '../contract/index.js';
import { HostDevice } from './device/device.js';
import { asHalyardError } from './device/token.js';
import { hostAdapter } from './host-adapter.js';

/**
 * Runs a compiled program once over the bytes of its bindings. What it throws, or rejects with, fails the run. It may
 * pause between steps by being asynchronous, so that long runs do not hold the event loop.
 */
export type Computation = (bindings: readonly Uint8Array[], workspace: Uint8Array) => void | Promise<void>;

/** All that is asked of a backend whose device computes where JavaScript can reach: in a module, a library, WebAssembly. */
export interface BackendDefinition {
  /** Also the adapter's id, if `probe` is left out. */
  readonly name: string;
  /** Left out: one adapter, the host, proved by a small computation. */
  readonly probe?: (options: ProbeOptions) => ProbeReport | Promise<ProbeReport>;
  /** Left out: everything in the contract. */
  readonly supports?: (adapter: Adapter, step: Step, tensors: readonly Tensor[]) => Support;
  /** The program has been checked against the contract's rules. */
  readonly compile: (
    program: Program,
    tuning: readonly Configuration[],
    adapter: Adapter,
  ) => Computation | Promise<Computation>;
}

/**
 * Makes a backend of a function that compiles. Memory in ArrayBuffers, ordered queues, tokens, failures that travel,
 * poisoned memory and closing are supplied.
 *
 * `open` takes `{ memoryBytes }`, the most memory that may be reserved.
 */
export function defineBackend(definition: BackendDefinition): BackendPlugin {
  return {
    name: definition.name,
    contract: contractVersion,
    async probe(options) {
      try {
        if (definition.probe) return await definition.probe(options);
        return { adapters: [await hostAdapter(definition)], refusals: [] };
      } catch (thrown) {
        const { code, details } = asHalyardError(thrown, `Probing ${definition.name}`);
        return { adapters: [], refusals: [{ code, ...details }] };
      }
    },
    supports: definition.supports ?? (() => true),
    async open(adapter, options = {}) {
      const { memoryBytes = adapter.memory.find(({ tier }) => tier === 'device')?.bytes } = options;
      return new HostDevice(definition, adapter, Number(memoryBytes ?? Infinity));
    },
  };
}
