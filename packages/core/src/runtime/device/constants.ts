import type { ConstantSource, Device, Queue, Region, Span, Token } from '../../contract/index.js';
import type { Pool } from '../pool/pool.js';
import type { Telemetry } from '../telemetry.js';

/** Constants in the memory of a device, in one layout. */
export interface LoadedConstant {
  readonly span: Span;
  /** Gives up one use; the memory goes when nobody uses it, behind `after`. */
  release(after: readonly Token[]): void;
}

interface Entry {
  uses: number;
  readonly loading: Promise<Memory>;
}

interface Memory {
  readonly span: Span;
  free(after: readonly Token[]): void;
}

/** The constants of one device. Graphs that use the same bytes in the same layout share the memory. */
export class ConstantStore {
  readonly #device: Device;
  readonly #pool: Pool;
  readonly #queue: Queue;
  readonly #telemetry: Telemetry;
  readonly #entries = new Map<string, Entry>();

  constructor(device: Device, pool: Pool, queue: Queue, telemetry: Telemetry) {
    this.#device = device;
    this.#pool = pool;
    this.#queue = queue;
    this.#telemetry = telemetry;
  }

  /**
   * Ready to be used when it resolves.
   *
   * @param layout one that an executable asked for; `plain` is the bytes as they are, mapped where the device can
   */
  async load(sources: readonly ConstantSource[], layout: string, bytes: number): Promise<LoadedConstant> {
    const key = JSON.stringify([layout, bytes, ...sources.map(({ fingerprint }) => fingerprint)]);
    let entry = this.#entries.get(key);
    if (!entry) {
      entry = { uses: 0, loading: this.#fill(sources, layout, bytes) };
      this.#entries.set(key, entry);
    }
    entry.uses++;
    let memory: Memory;
    try {
      memory = await entry.loading;
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
    let isReleased = false;
    const release = (after: readonly Token[]) => {
      if (isReleased) return;
      isReleased = true;
      if (--entry.uses > 0) return;
      this.#entries.delete(key);
      memory.free(after);
    };
    return { span: memory.span, release };
  }

  async #fill(sources: readonly ConstantSource[], layout: string, bytes: number): Promise<Memory> {
    const mapped = layout === 'plain' ? await this.#map(sources) : undefined;
    this.#telemetry.emit('constant', { layout: mapped ? 'mapped' : layout, bytes });
    if (mapped) return mapped;
    const { span } = await this.#pool.allocate({ bytes, tag: 'constant' });
    try {
      await this.#queue.pack(sources, layout, { ...span, bytes }).wait();
    } catch (error) {
      this.#pool.free(span);
      throw error;
    }
    return { span: { ...span, bytes }, free: (after) => this.#pool.free(span, after) };
  }

  async #map(sources: readonly ConstantSource[]): Promise<Memory | undefined> {
    const part = sources.length === 1 && sources[0]!.parts.length === 1 ? sources[0]!.parts[0]! : undefined;
    if (!part || 'data' in part || !this.#device.memory.map) return undefined;
    const region = await this.#device.memory.map(part);
    if (!region) return undefined;
    return { span: { region, offset: 0, bytes: part.bytes }, free: (after) => void this.#unmap(region, after) };
  }

  async #unmap(region: Region, after: readonly Token[]): Promise<void> {
    await Promise.allSettled(after.map((token) => token.wait()));
    this.#device.memory.release(region);
  }
}
