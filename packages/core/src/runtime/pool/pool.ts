import {
  HalyardError,
  type MemorySource,
  type Region,
  type Span,
  type Tier,
  type Token,
} from '../../contract/index.js';
import { asHalyardError, destroyed } from '../errors.js';
import { alignUp, BlockList, type FreeBlock, pending } from './block-list.js';
import type { PoolEventSink, PoolStatistics } from './events.js';
import { Usage } from './usage.js';

export interface PoolOptions {
  /** Bytes that may be taken from the backend; as many as it has unless said. */
  readonly budgetBytes?: number | undefined;
  /** Bytes; every span starts at a multiple. */
  readonly alignment: number;
  /** The largest region that can be reserved, in bytes. */
  readonly regionBytes: number;
  /** Idle regions up to so many bytes are kept for the next who asks; the others go back at once. 64 MiB unless said, or an eighth of the device. */
  readonly retainBytes?: number;
}

export interface Request {
  readonly bytes: number;
  /** Who holds it, for the statistics: `tensor`, `constant`, `workspace`. */
  readonly tag: string;
  readonly tier?: Tier;
}

/** `clean`: it reads as zeros. */
export interface Holding {
  readonly span: Span;
  readonly clean: boolean;
}

/** The answer to a request: memory, or the token behind which there will be some, or that there never will be. */
export type Acquisition =
  | { readonly kind: 'ok'; readonly holding: Holding }
  | { readonly kind: 'wait'; readonly token: Token }
  | { readonly kind: 'over-budget'; readonly budgetBytes: number; readonly reservedBytes: number }
  | { readonly kind: 'exhausted'; readonly reservedBytes: number }
  | { readonly kind: 'closed' };

type Granted = Extract<Acquisition, { kind: 'ok' }>;

interface PooledRegion extends BlockList {
  id: number;
}

/** Regions begin with this size, so that small tensors share them … */
const sharedRegionBytes = 4 * 2 ** 20;
/** … but with no more than this part of all that there is, so that a few of them leave room for large tensors. */
const sharedRegionShare = 1 / 16;
/** What lies idle is kept for the next who asks, up to so much and to this part of the device, which others may want, too. */
const retainedBytes = 64 * 2 ** 20;
const retainedShare = 1 / 8;

/**
 * Memory of one device: regions from the backend, handed out in parts. Memory freed under tokens is handed out again
 * only when they are done.
 */
export class Pool {
  readonly #source: MemorySource;
  readonly #options: {
    readonly budgetBytes: number;
    readonly retainBytes: number;
    readonly alignment: number;
    readonly regionBytes: number;
  };
  /** The most that there can be, in bytes. */
  readonly #room: number;
  readonly #events: PoolEventSink;
  readonly #regions = new Map<Region, PooledRegion>();
  readonly #tags = new WeakMap<Span, string>();
  readonly #usage = new Usage();
  /** Settles when nobody grows the pool. One at a time: what one brings may do for the next, too. */
  #growth: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  #nextId = 0;

  constructor(source: MemorySource, events: PoolEventSink, options: PoolOptions) {
    this.#source = source;
    this.#events = events;
    const budgetBytes = options.budgetBytes ?? Number.POSITIVE_INFINITY;
    this.#room = Math.min(budgetBytes, options.regionBytes);
    this.#options = {
      alignment: options.alignment,
      regionBytes: options.regionBytes,
      budgetBytes,
      retainBytes: options.retainBytes ?? Math.min(retainedBytes, options.regionBytes * retainedShare),
    };
  }

  /**
   * Answers with what can be had now; never waits for work.
   *
   * @throws HalyardError what the backend refuses with for another reason than that there is no more
   */
  async acquire(request: Request): Promise<Acquisition> {
    const tier = request.tier ?? 'device';
    const bytes = Math.max(alignUp(request.bytes, this.#options.alignment), this.#options.alignment);
    const ready = this.#takeReady(tier, bytes, request.tag);
    if (ready) return ready;
    const growth = this.#growth.then(
      () => this.#takeReady(tier, bytes, request.tag) ?? this.#grow(tier, bytes, request.tag),
    );
    this.#growth = growth.catch(() => {});
    const grown = await growth;
    if (typeof grown === 'object') return grown;
    if (grown === 'closed') return { kind: grown };
    const awaited = this.#find(tier, bytes, false);
    if (awaited) return { kind: 'wait', token: awaited.block.after[0]! };
    // Blocks side by side may be large enough together.
    const any = this.#awaited();
    if (any) return { kind: 'wait', token: any };
    const { reservedBytes } = this.#usage;
    if (grown === 'over-budget') return { kind: grown, budgetBytes: this.#options.budgetBytes, reservedBytes };
    return { kind: grown, reservedBytes };
  }

  /**
   * As `acquire`, but waits where waiting helps.
   *
   * @throws HalyardError `out-of-memory`; `destroyed` once the pool is closed; what the backend refuses with otherwise
   */
  async allocate(request: Request): Promise<Holding> {
    for (;;) {
      const answer = await this.acquire(request);
      if (answer.kind === 'ok') return answer.holding;
      if (answer.kind === 'wait') await answer.token.wait().catch(() => {});
      else if (answer.kind === 'closed') throw destroyed('The context');
      else throw this.#outOfMemory(request, answer);
    }
  }

  /** Memory that work behind none but `after` still touches. */
  free(span: Span, after: readonly Token[] = []): void {
    const region = this.#regions.get(span.region);
    const tag = this.#tags.get(span);
    if (!region || tag === undefined) return;
    this.#tags.delete(span);
    region.give(span.offset, span.bytes, after);
    this.#usage.freed(tag, span.bytes);
    if (this.#events.hears('free')) {
      const isPending = after.some((token) => !token.isDone);
      this.#events.emit('free', { region: region.id, offset: span.offset, bytes: span.bytes, tag, pending: isPending });
    }
    if (!region.isFree) return;
    const awaited = region.awaited();
    if (awaited.length === 0) this.#retain();
    else void Promise.allSettled(awaited.map((token) => token.wait())).then(() => this.#retain());
  }

  /** Gives back every region of which nothing is held. Answers how many bytes that were. */
  trim(): number {
    return this.#release(0);
  }

  /** Gives everything back, held or not, and what is still to come once it is there. Nothing may be in flight. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const region of [...this.#regions.values()]) this.#giveBack(region);
    await this.#growth;
  }

  statistics(): PoolStatistics {
    let pendingBytes = 0;
    const regions = [...this.#regions.values()].map((region) => {
      let freeBytes = 0;
      for (const block of region.blocks) {
        freeBytes += block.bytes;
        if (pending(block).length > 0) pendingBytes += block.bytes;
      }
      return { id: region.id, tier: region.region.tier, bytes: region.region.bytes, freeBytes };
    });
    return { budgetBytes: this.#options.budgetBytes, ...this.#usage.snapshot(), pendingBytes, regions };
  }

  #takeReady(tier: Tier, bytes: number, tag: string): Granted | undefined {
    const found = this.#find(tier, bytes, true);
    return found && { kind: 'ok', holding: this.#take(found.region, found.block, bytes, tag) };
  }

  #find(tier: Tier, bytes: number, ready: boolean): { region: PooledRegion; block: FreeBlock } | undefined {
    let tightest: { region: PooledRegion; block: FreeBlock } | undefined;
    for (const region of this.#regions.values()) {
      if (region.region.tier !== tier) continue;
      const block = region.find(bytes, this.#options.alignment, ready);
      if (block && (!tightest || block.bytes < tightest.block.bytes)) tightest = { region, block };
    }
    return tightest;
  }

  #take(region: PooledRegion, block: FreeBlock, bytes: number, tag: string): Holding {
    const { clean } = block;
    const offset = region.take(block, bytes, this.#options.alignment);
    const span: Span = { region: region.region, offset, bytes };
    this.#tags.set(span, tag);
    this.#usage.allocated(tag, bytes);
    if (this.#events.hears('allocate')) this.#events.emit('allocate', { region: region.id, offset, bytes, tag });
    return { span, clean };
  }

  /** Takes another region from the backend, and of that what is asked for. */
  async #grow(tier: Tier, bytes: number, tag: string): Promise<Granted | 'over-budget' | 'exhausted' | 'closed'> {
    const { budgetBytes, regionBytes, alignment } = this.#options;
    const { granularity } = this.#source;
    const least = alignUp(bytes, granularity);
    if (least > regionBytes) return 'exhausted';
    // Where memory is short, just what is asked for; and before that is refused, what lies idle goes.
    const shared = alignUp(Math.min(sharedRegionBytes, this.#room * sharedRegionShare), granularity);
    const sizes = least * 2 <= shared ? [shared, least] : [least];
    let refusal: 'over-budget' | 'exhausted' = 'exhausted';
    for (const attempt of ['as it is', 'after trimming']) {
      if (attempt === 'after trimming' && this.trim() === 0) break;
      for (const size of sizes) {
        if (this.#isClosed) return 'closed';
        refusal = this.#usage.reservedBytes + size > budgetBytes ? 'over-budget' : 'exhausted';
        const region = refusal === 'exhausted' ? await this.#reserve(size, tier) : undefined;
        if (!region) continue;
        if (!this.#isClosed && this.#usage.reservedBytes + region.bytes <= budgetBytes) {
          const pooled = this.#add(region);
          return { kind: 'ok', holding: this.#take(pooled, pooled.find(bytes, alignment, true)!, bytes, tag) };
        }
        this.#source.release(region);
        refusal = 'over-budget';
      }
    }
    // Something may have been freed meanwhile.
    return this.#isClosed ? 'closed' : (this.#takeReady(tier, bytes, tag) ?? refusal);
  }

  async #reserve(bytes: number, tier: Tier): Promise<Region | undefined> {
    try {
      return await this.#source.reserve(bytes, tier);
    } catch (error) {
      throw asHalyardError(error, `Reserving ${bytes} bytes`);
    }
  }

  #add(region: Region): PooledRegion {
    const pooled = Object.assign(new BlockList(region), { id: this.#nextId++ }) as PooledRegion;
    this.#regions.set(region, pooled);
    this.#usage.reserved(region.bytes);
    this.#events.emit('reserve', { region: pooled.id, tier: region.tier, bytes: region.bytes });
    return pooled;
  }

  #awaited(): Token | undefined {
    for (const region of this.#regions.values()) {
      const token = region.awaited()[0];
      if (token) return token;
    }
    return undefined;
  }

  #retain(): void {
    this.#release(this.#options.retainBytes);
  }

  #release(retainBytes: number): number {
    let kept = 0;
    let released = 0;
    const idle = [...this.#regions.values()].filter((region) => region.isFree && region.awaited().length === 0);
    for (const region of idle.sort((a, b) => a.region.bytes - b.region.bytes)) {
      if (kept + region.region.bytes <= retainBytes) kept += region.region.bytes;
      else released += this.#giveBack(region);
    }
    return released;
  }

  #giveBack(region: PooledRegion): number {
    const { bytes } = region.region;
    this.#regions.delete(region.region);
    this.#source.release(region.region);
    this.#usage.reserved(-bytes);
    this.#events.emit('trim', { region: region.id, bytes });
    return bytes;
  }

  #outOfMemory(request: Request, answer: Extract<Acquisition, { kind: 'over-budget' | 'exhausted' }>): HalyardError {
    const { allocatedBytes } = this.#usage;
    const limit =
      answer.kind === 'over-budget'
        ? `a budget of ${answer.budgetBytes} bytes`
        : 'no more memory to be had from the device';
    return new HalyardError('out-of-memory', {
      found: `${request.bytes} bytes were asked for a ${request.tag}, with ${allocatedBytes} bytes held, ${answer.reservedBytes} bytes reserved and ${limit}`,
      expected: 'room for them',
      remedy:
        answer.kind === 'over-budget'
          ? 'Raise memoryBudget, destroy tensors and graphs that are no longer needed, or use a smaller model.'
          : 'Destroy tensors and graphs that are no longer needed, use a smaller model, or choose a device with more memory.',
    });
  }
}
