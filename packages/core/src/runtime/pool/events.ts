import type { Tier } from '../../contract/index.js';

/** What happens in a pool, as it happens: enough to draw it. Bytes and offsets are in bytes. */
export interface PoolEvents {
  /** The backend gave a region. */
  reserve: { readonly region: number; readonly tier: Tier; readonly bytes: number };
  /** A part of a region is held from now on. */
  allocate: PoolSpanEvent;
  /** It is no longer held; `pending` says whether work in flight may still touch it. */
  free: PoolSpanEvent & { readonly pending: boolean };
  /** A region went back to the backend. */
  trim: { readonly region: number; readonly bytes: number };
  /** Contents were brought to another device: directly, or through the host. */
  migrate: {
    readonly from: string;
    readonly to: string;
    readonly bytes: number;
    readonly name: string;
    readonly isDirect: boolean;
  };
}

/** Where a pool says what happens in it. */
export interface PoolEventSink {
  hears(kind: keyof PoolEvents): boolean;
  emit<Kind extends keyof PoolEvents>(kind: Kind, event: PoolEvents[Kind]): void;
}

export interface PoolSpanEvent {
  readonly region: number;
  readonly offset: number;
  readonly bytes: number;
  readonly tag: string;
}

export interface PoolStatistics {
  readonly budgetBytes: number;
  /** Taken from the backend. */
  readonly reservedBytes: number;
  readonly peakReservedBytes: number;
  /** Held by somebody. */
  readonly allocatedBytes: number;
  readonly peakAllocatedBytes: number;
  /** Freed, but still to be waited for. */
  readonly pendingBytes: number;
  readonly tags: Readonly<
    Record<string, { readonly bytes: number; readonly peakBytes: number; readonly count: number }>
  >;
  readonly regions: readonly {
    readonly id: number;
    readonly tier: Tier;
    readonly bytes: number;
    readonly freeBytes: number;
  }[];
}
