import type { Adapter } from './adapter.js';
import type { Executable } from './executable.js';
import type { MemorySource } from './memory.js';
import type { Program } from './program.js';
import type { Queue } from './queue.js';
import type { Configuration } from './tuning.js';

/** An adapter that is open. */
export interface Device {
  readonly adapter: Adapter;
  readonly memory: MemorySource;
  /** Each call gives a queue of its own. */
  queue(kind: 'compute' | 'copy'): Queue;
  /**
   * `tuning[i]` configures step i. A configuration never changes results beyond what the step's attributes allow.
   *
   * @throws HalyardError `bad-program` for a program that breaks the contract, `unsupported` for one it cannot do
   */
  compile(program: Program, tuning: readonly Configuration[]): Promise<Executable>;
  load?(serialized: Uint8Array, program: Program): Promise<Executable>;
  /** Counters, for metering. */
  sample?(): { readonly joules?: number; readonly watts?: number; readonly usedBytes?: number };
  /** Resolves if the device is lost; stays pending otherwise. Afterwards every token fails with `device-lost`. */
  readonly lost: Promise<{ readonly reason: string }>;
  /** Waits for what is in flight, then gives everything back. */
  close(): Promise<void>;
}
