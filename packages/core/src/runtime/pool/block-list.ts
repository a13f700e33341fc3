import type { Region, Token } from '../../contract/index.js';

/** A stretch of a region that nobody holds. */
export interface FreeBlock {
  offset: number;
  bytes: number;
  /** Still zeros, as it came from the backend. */
  clean: boolean;
  /** Work that may still touch it. */
  after: readonly Token[];
}

/** The free stretches of one region, in order of offset; neighbours are joined. */
export class BlockList {
  readonly blocks: FreeBlock[];

  constructor(readonly region: Region) {
    this.blocks = [{ offset: 0, bytes: region.bytes, clean: true, after: [] }];
  }

  /** Nothing in it is held, and no work is in flight that touches it. */
  get isIdle(): boolean {
    return this.isFree && pending(this.blocks[0]!).length === 0;
  }

  get isFree(): boolean {
    return this.blocks.length === 1 && this.blocks[0]!.bytes === this.region.bytes;
  }

  /** The tightest block for so many bytes at this alignment: one that is ready, or else one that is still awaited. */
  find(bytes: number, alignment: number, ready: boolean): FreeBlock | undefined {
    let tightest: FreeBlock | undefined;
    for (const block of this.blocks) {
      const padding = alignUp(block.offset, alignment) - block.offset;
      if (block.bytes - padding < bytes || (tightest && block.bytes >= tightest.bytes)) continue;
      if ((pending(block).length === 0) === ready) tightest = block;
    }
    return tightest;
  }

  /** Takes `bytes` out of a block that `find` gave, and answers their offset. */
  take(block: FreeBlock, bytes: number, alignment: number): number {
    const offset = alignUp(block.offset, alignment);
    const end = offset + bytes;
    const parts: FreeBlock[] = [];
    if (offset > block.offset) parts.push({ ...block, bytes: offset - block.offset });
    if (end < block.offset + block.bytes)
      parts.push({ ...block, offset: end, bytes: block.offset + block.bytes - end });
    this.blocks.splice(this.blocks.indexOf(block), 1, ...parts);
    return offset;
  }

  give(offset: number, bytes: number, after: readonly Token[]): void {
    let at = this.blocks.findIndex((block) => block.offset > offset);
    if (at < 0) at = this.blocks.length;
    const block: FreeBlock = { offset, bytes, clean: false, after: unfinished(after) };
    this.blocks.splice(at, 0, block);
    const next = this.blocks[at + 1];
    if (next && block.offset + block.bytes === next.offset) this.#join(at);
    const previous = this.blocks[at - 1];
    if (previous && previous.offset + previous.bytes === block.offset) this.#join(at - 1);
  }

  #join(at: number): void {
    const block = this.blocks[at]!;
    const next = this.blocks[at + 1]!;
    block.bytes += next.bytes;
    block.clean &&= next.clean;
    block.after = unfinished([...new Set([...block.after, ...next.after])]);
    this.blocks.splice(at + 1, 1);
  }
}

/** The tokens that a block still waits for; those that are done are forgotten. */
export function pending(block: FreeBlock): readonly Token[] {
  if (block.after.length > 0) block.after = unfinished(block.after);
  return block.after;
}

function unfinished(tokens: readonly Token[]): readonly Token[] {
  return tokens.some((token) => token.isDone) ? tokens.filter((token) => !token.isDone) : tokens;
}

export function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
