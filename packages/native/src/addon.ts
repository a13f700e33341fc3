/** What a native function hands out; opaque to JavaScript. */
export type Handle = object & { readonly __native: unique symbol };

/** The flat functions of every addon (include/halyard/node/addon.h). Those that fail throw an Error with `halyard`. */
export interface NativeAddon {
  open(adapter: string, options: Readonly<Record<string, unknown>>): Promise<Handle>;
  close(device: Handle): Promise<void>;
  /** Rejects once the device is lost; resolves if it is closed before that. Does not keep the process alive. */
  lost(device: Handle): Promise<void>;
  reserve(device: Handle, bytes: number, tier: string): Promise<Handle | undefined>;
  resize(region: Handle, bytes: number): Promise<boolean>;
  map(device: Handle, path: string, offset: number, bytes: number): Promise<Handle | undefined>;
  release(region: Handle): void;
  regionBytes(region: Handle): number;
  regionBuffer(region: Handle): ArrayBuffer | undefined;
  detach(buffer: ArrayBuffer): void;
  check(program: Uint8Array): Promise<void>;
  compile(device: Handle, program: Uint8Array, kernels?: Uint8Array): Promise<NativeExecutable>;
  bind(
    executable: Handle,
    regions: readonly (Handle | undefined)[],
    extents: Float64Array,
    packedRegions: readonly Handle[],
    packedExtents: Float64Array,
    workspaceRegions: readonly Handle[],
    workspaceExtents: Float64Array,
  ): Handle;
  rebind(bound: Handle, binding: number, region: Handle, offset: number, bytes: number): void;
  disposeExecutable(executable: Handle): void;
  disposeBound(bound: Handle): void;
  createQueue(device: Handle, kind: string): Handle | undefined;
  run(queue: Handle, bound: Handle, after?: readonly Handle[]): Handle;
  copy(
    queue: Handle,
    from: Handle,
    fromOffset: number,
    fromBytes: number,
    to: Handle,
    toOffset: number,
    toBytes: number,
    after?: readonly Handle[],
  ): Handle;
  fill(queue: Handle, to: Handle, offset: number, bytes: number, byte: number, after?: readonly Handle[]): Handle;
  write(queue: Handle, from: Uint8Array, to: Handle, offset: number, bytes: number, after?: readonly Handle[]): Handle;
  read(queue: Handle, from: Handle, offset: number, bytes: number, to: Uint8Array, after?: readonly Handle[]): Handle;
  pack(
    queue: Handle,
    sources: readonly (readonly (Uint8Array | { path: string; offset: number; bytes: number })[])[],
    layout: string,
    to: Handle,
    offset: number,
    bytes: number,
    after?: readonly Handle[],
  ): Handle;
  tokenState(token: Handle): 0 | 1 | 2;
  tokenError(token: Handle): Error | undefined;
  tokenNanoseconds(token: Handle): number;
  /** Undefined for a token that is done, now or within moments. */
  tokenWait(token: Handle): Promise<void> | undefined;
}

export interface NativeExecutable {
  readonly handle: Handle;
  readonly workspaceBytes: number;
  readonly packed: readonly { constants: number[]; layout: string; bytes: number }[];
  readonly choices: readonly {
    step: number;
    kernel: string;
    configuration: Record<string, number | string>;
    reason: string;
  }[];
}
