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

/** The free stretches of one region, in order of offset; neighbours are joined once neither is waited for. */
export class BlockList {
  readonly blocks: FreeBlock[];
  #heldBytes = 0;

  constructor(readonly region: Region) {
    this.blocks = [{ offset: 0, bytes: region.bytes, clean: true, after: [] }];
  }

  /** Nothing in it is held. */
  get isFree(): boolean {
    return this.#heldBytes === 0;
  }

  /** Work that may still touch what is free. */
  awaited(): Token[] {
    return [...new Set(this.blocks.flatMap(pending))];
  }

  /** The tightest block for so many bytes at this alignment: one that is ready, or else one that is still awaited. */
  find(bytes: number, alignment: number, ready: boolean): FreeBlock | undefined {
    this.#join();
    let tightest: FreeBlock | undefined;
    for (const block of this.blocks) {
      const padding = alignUp(block.offset, alignment) - block.offset;
      if (block.bytes - padding < bytes || (tightest && block.bytes >= tightest.bytes)) continue;
      if ((block.after.length === 0) === ready) tightest = block;
    }
    return tightest;
  }

  /** Takes `bytes` out of a block that `find` gave, and answers their offset. */
  take(block: FreeBlock, bytes: number, alignment: number): number {
    const offset = alignUp(block.offset, alignment);
    const end = offset + bytes;
    const blockEnd = block.offset + block.bytes;
    const parts: FreeBlock[] = [];
    if (offset > block.offset) parts.push({ ...block, bytes: offset - block.offset });
    if (end < blockEnd) parts.push({ ...block, offset: end, bytes: blockEnd - end });
    this.blocks.splice(this.blocks.indexOf(block), 1, ...parts);
    this.#heldBytes += bytes;
    return offset;
  }

  give(offset: number, bytes: number, after: readonly Token[]): void {
    let at = this.blocks.findIndex((block) => block.offset > offset);
    if (at < 0) at = this.blocks.length;
    this.blocks.splice(at, 0, { offset, bytes, clean: false, after: unfinished(after) });
    this.#heldBytes -= bytes;
    this.#join();
  }

  #join(): void {
    let kept = 0;
    for (const [index, block] of this.blocks.entries()) {
      const last = this.blocks[kept - 1];
      const waits = pending(block).length > 0;
      if (index > 0 && last && !waits && last.after.length === 0 && last.offset + last.bytes === block.offset) {
        last.bytes += block.bytes;
        last.clean &&= block.clean;
      } else this.blocks[kept++] = block;
    }
    this.blocks.length = kept;
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
