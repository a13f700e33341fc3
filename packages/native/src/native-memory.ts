import { type FilePart, HalyardError, type MemorySource, type Region, type Span, type Tier } from '@halyard/core';
import type { Handle, NativeAddon } from './addon.js';
import { native, nativePromise } from './native-error.js';

class NativeRegion implements Region {
  /** Views of the whole region share it, so that the memory is never wrapped twice. */
  buffer: ArrayBuffer | undefined;

  constructor(
    readonly device: string,
    readonly tier: Tier,
    public bytes: number,
    readonly handle: Handle,
    readonly addon: NativeAddon,
  ) {}
}

/**
 * The native handle of a region of an addon's.
 *
 * @throws HalyardError `bad-argument` for a region of another backend
 */
export function regionHandle(addon: NativeAddon, region: Region): Handle {
  if (region instanceof NativeRegion && region.addon === addon) return region.handle;
  throw new HalyardError('bad-argument', {
    found: `memory of ${region.device} that another backend gave out`,
    expected: 'memory of this device',
    remedy: 'Copy the tensor to this device first.',
  });
}

/** Memory of an addon. Released memory lives on until the last run that uses it is done. */
export class NativeMemory implements MemorySource {
  readonly granularity: number;
  /** Left out where memory is the device's own. */
  readonly bytes?: (span: Span) => Uint8Array;
  readonly #addon: NativeAddon;
  readonly #device: Handle;
  readonly #adapter: string;

  constructor(addon: NativeAddon, device: Handle, adapter: string, granularity: number, isReachable: boolean) {
    this.#addon = addon;
    this.#device = device;
    this.#adapter = adapter;
    this.granularity = granularity;
    if (isReachable) this.bytes = (span) => this.#view(span);
  }

  async reserve(bytes: number, tier: Tier): Promise<Region | undefined> {
    if (!Number.isSafeInteger(bytes) || bytes < 0)
      throw new HalyardError('bad-argument', {
        found: `${bytes} bytes to reserve`,
        expected: 'a whole number, 0 or more',
        remedy: 'Correct the size.',
      });
    const handle = await nativePromise(() => this.#addon.reserve(this.#device, bytes, tier));
    return handle && new NativeRegion(this.#adapter, tier, this.#addon.regionBytes(handle), handle, this.#addon);
  }

  async resize(region: Region, bytes: number): Promise<boolean> {
    const handle = regionHandle(this.#addon, region);
    const isDone = await nativePromise(() => this.#addon.resize(handle, bytes));
    (region as NativeRegion).bytes = native(() => this.#addon.regionBytes(handle));
    return isDone;
  }

  async map(part: FilePart): Promise<Region | undefined> {
    const handle = await nativePromise(() => this.#addon.map(this.#device, part.path, part.offset, part.bytes));
    return handle && new NativeRegion(this.#adapter, 'device', part.bytes, handle, this.#addon);
  }

  release(region: Region): void {
    const handle = regionHandle(this.#addon, region);
    const { buffer } = region as NativeRegion;
    if (buffer !== undefined) this.#addon.detach(buffer);
    this.#addon.release(handle);
  }

  /** A view of the memory itself; of length 0 once the region is released. */
  #view(span: Span): Uint8Array {
    const handle = regionHandle(this.#addon, span.region);
    const region = span.region as NativeRegion;
    region.buffer ??= this.#addon.regionBuffer(handle);
    if (region.buffer === undefined || region.buffer.byteLength < span.offset + span.bytes)
      throw new HalyardError('destroyed', {
        found: 'memory that was released or lies outside of its region',
        expected: 'memory that is still held',
        remedy: 'Keep the tensor until nothing uses it any more.',
      });
    return new Uint8Array(region.buffer, span.offset, span.bytes);
  }
}
