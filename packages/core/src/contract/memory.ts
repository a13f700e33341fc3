/** Where a region lives. Ordinary host memory and files are core's own. */
export type Tier = 'device' | 'pinned';

/** A stretch of memory that a backend gave out. */
export interface Region {
  /** The adapter's id. */
  readonly device: string;
  readonly tier: Tier;
  readonly bytes: number;
  /** The backend's own. */
  readonly handle: unknown;
}

/** A part of a region. */
export interface Span {
  readonly region: Region;
  readonly offset: number;
  readonly bytes: number;
}

/** A stretch of a file, to be mapped rather than read through JavaScript. */
export interface FilePart {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
}

/** All that a backend does about memory. Offsets, budgets, reuse and statistics are the pool's, in core. */
export interface MemorySource {
  /** Bytes; every region is a multiple. */
  readonly granularity: number;
  /** `undefined`: there is no more, which is no error. New memory reads as zeros. */
  reserve(bytes: number, tier: Tier): Promise<Region | undefined>;
  /**
   * In place, where virtual memory can; the answer says whether it did, and `region.bytes` what it has now. What is new
   * reads as zeros; nothing in flight may touch what is cut off.
   */
  resize?(region: Region, bytes: number): Promise<boolean>;
  /** Maps a file, read only, where steps can read mapped pages as they are. `undefined`: copy it instead. */
  map?(part: FilePart): Promise<Region | undefined>;
  release(region: Region): void;
  /** The memory itself, if JavaScript can reach it. */
  bytes?(span: Span): Uint8Array;
}
