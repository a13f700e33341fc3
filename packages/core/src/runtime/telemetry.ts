import { Emitter } from './emitter.js';
import type { PoolEvents, PoolStatistics } from './pool/events.js';

/** What happens in a context, as it happens. Sizes are in bytes. */
export interface TelemetryEvents extends PoolEvents {
  /** A program was submitted. `wait` resolves with its time on the device, where the device can tell. */
  run: {
    readonly graph: number;
    readonly program: number;
    readonly device: string;
    wait(): Promise<number | undefined>;
  };
  compile: { readonly graph: number; readonly steps: number; readonly milliseconds: number };
  write: { readonly bytes: number };
  read: { readonly bytes: number };
  /** Constants were brought into a device's layout, or mapped. */
  constant: { readonly layout: string; readonly bytes: number };
  lost: { readonly message: string };
}

/** Totals since the context was created. */
export interface TelemetryCounters {
  dispatches: number;
  /** Calls of a device's queue that run a program. */
  runs: number;
  /** Addresses resolved anew for a set of tensors, or changed in part. */
  binds: number;
  rebinds: number;
  reads: number;
  writes: number;
  bytesRead: number;
  bytesWritten: number;
  graphs: number;
  tensors: number;
}

/** Counters, events and memory of one context, for metering and for drawing. */
export class Telemetry extends Emitter<TelemetryEvents> {
  readonly counters: TelemetryCounters = {
    dispatches: 0,
    runs: 0,
    binds: 0,
    rebinds: 0,
    reads: 0,
    writes: 0,
    bytesRead: 0,
    bytesWritten: 0,
    graphs: 0,
    tensors: 0,
  };
  readonly #pools: () => Readonly<Record<string, PoolStatistics>>;

  constructor(pools: () => Readonly<Record<string, PoolStatistics>>) {
    super();
    this.#pools = pools;
  }

  /** Memory by device id. */
  memory(): Readonly<Record<string, PoolStatistics>> {
    return this.#pools();
  }
}
