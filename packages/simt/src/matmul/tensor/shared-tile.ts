/**
 * A tile of an operand in shared memory, in rows of 16-byte chunks. `depth`: a row for each m (or n), k along it.
 * `outer`: a row for each k, m (or n) along it; `ldmatrix.trans` turns it, which works on 16-bit elements alone.
 *
 * Chunk c of row r lies at place c xor (r mod 8) (of rows of 64 bytes: c xor (r/2 mod 4)), so that the eight rows that
 * a phase of `ldmatrix` reads, and the eight chunks of a row that neighbouring threads write, meet each bank once.
 */
export interface SharedTile {
  readonly layout: 'depth' | 'outer';
  /** m or n of the tile. */
  readonly extent: number;
  /** Of k. */
  readonly depth: number;
  readonly elementBytes: number;
  /** Rows are this many bytes apart beyond their own, and not swizzled; 0: swizzled. */
  readonly padding: 0 | 16;
  /** Rows are cut into panels of 128 bytes, each of which has all rows: what `wgmma` and bulk copies know. */
  readonly isPanelled?: boolean;
}

export const tileRowBytes = ({ layout, extent, depth, elementBytes }: SharedTile): number =>
  (layout === 'depth' ? depth : extent) * elementBytes;

export const tileRowStride = (tile: SharedTile): number => tileRowBytes(tile) + tile.padding;

export const tileBytes = (tile: SharedTile): number => tileRows(tile) * tileRowStride(tile);

export const tileRows = ({ layout, extent, depth }: SharedTile): number => (layout === 'depth' ? extent : depth);

export const chunksPerRow = (tile: SharedTile): number => tileRowBytes(tile) / 16;

/** C++ of the byte at which a chunk of a row lies. */
export function chunkAddress(tile: SharedTile, row: string, chunk: string): string {
  const bytes = tileRowBytes(tile);
  if (tile.padding > 0) return `((${row}) * ${tileRowStride(tile)} + (${chunk}) * 16)`;
  if (tile.isPanelled && bytes > 128)
    return `(((${chunk}) >> 3) * ${tileRows(tile) * 128} + (${row}) * 128 + ((((${chunk}) ^ (${row})) & 7) * 16))`;
  return `((${row}) * ${bytes} + (((${chunk}) ^ ${swizzle(bytes, row)}) * 16))`;
}

const swizzle = (rowBytes: number, row: string): string =>
  rowBytes >= 128 ? `((${row}) & 7)` : `(((${row}) >> 1) & 3)`;

/**
 * How a warp reads fragments with `ldmatrix.x4`: `lane` is the byte, for the first block of 16 rows (or columns) and
 * the first 32 bytes of k, that a lane points at; block i and step s of k are at `(lane ^ xor) + add`.
 */
export interface FragmentAddress {
  readonly lane: string;
  readonly xor: (block: string, step: string) => string;
  readonly add: (block: string, step: string) => string;
}

/** @param first C++ of the warp's first row (a) or column (b) in the tile, a multiple of its extent */
export function fragmentAddress(tile: SharedTile, operand: 'a' | 'b', first: string): FragmentAddress {
  const bytes = tileRowBytes(tile);
  // Of the four 8 × 8 matrices, a has the second below the first, b beside it along k.
  const [low, high] = ['((lane >> 3) & 1)', '(lane >> 4)'];
  const [outerHalf, depthHalf] = operand === 'a' ? [low, high] : [high, low];
  if (tile.layout === 'depth') {
    const row = `(${first}) + (lane & 7) + ${outerHalf} * 8`;
    return {
      lane: chunkAddress(tile, row, depthHalf),
      xor: (_, step) => `${step} * 32`,
      add: (block) => `${block} * ${16 * bytes}`,
    };
  }
  const row = `(lane & 7) + ${depthHalf} * 8`;
  return {
    lane: chunkAddress(tile, row, `(${first}) / 8 + ${outerHalf}`),
    xor: (block) => `${block} * 32`,
    add: (_, step) => `${step} * ${16 * bytes}`,
  };
}
