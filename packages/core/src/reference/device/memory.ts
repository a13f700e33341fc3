import { HalyardError, type MemorySource, type Region, type Span, type Tier } from '../../contract/index.js';

const granularity = 64;

/** Regions that are ArrayBuffers. */
export class HostMemory implements MemorySource {
  readonly granularity = granularity;
  readonly #device: string;
  #left: number;
  #buffers = new Map<Region, Uint8Array>();

  /** @param bytes the most that may be reserved at once */
  constructor(device: string, bytes: number) {
    this.#device = device;
    this.#left = bytes;
  }

  async reserve(bytes: number, tier: Tier): Promise<Region | undefined> {
    const rounded = Math.max(1, Math.ceil(bytes / granularity)) * granularity;
    if (!(rounded <= this.#left)) return undefined;
    let buffer: Uint8Array;
    try {
      buffer = new Uint8Array(rounded);
    } catch {
      return undefined;
    }
    this.#left -= rounded;
    const region: Region = { device: this.#device, tier, bytes: rounded, handle: {} };
    this.#buffers.set(region, buffer);
    return region;
  }

  release(region: Region): void {
    if (this.#buffers.delete(region)) this.#left += region.bytes;
  }

  releaseAll(): void {
    for (const region of [...this.#buffers.keys()]) this.release(region);
  }

  /** @throws HalyardError `destroyed` after the region was released, `bad-argument` for bytes outside of it */
  bytes({ region, offset, bytes }: Span): Uint8Array {
    const buffer = this.#buffers.get(region);
    if (!buffer) {
      throw new HalyardError('destroyed', {
        found: 'a span of a region that was released, or belongs to another device',
        expected: `a region that ${this.#device} reserved and still holds`,
        remedy: 'Release a region behind the last token that uses it.',
      });
    }
    if (!(offset >= 0 && bytes >= 0 && offset + bytes <= buffer.length)) {
      throw new HalyardError('bad-argument', {
        found: `bytes ${offset} to ${offset + bytes} of a region of ${buffer.length}`,
        expected: 'a span inside of its region',
        remedy: 'Correct the offset or length of the span.',
      });
    }
    return buffer.subarray(offset, offset + bytes);
  }
}
