import { groupElements } from '../block-quantized.js';
import type { MatmulProblem } from '../problem.js';
import type { SharedTile } from '../tensor/shared-tile.js';
import type { ScalePlaces } from '../tensor/sources.js';
import { hasOffsets } from './choose.js';

/** Floats between the ends of a group's scales and the start of the next group's, so that both meet different banks. */
const gap = 16;

/** How scales lie beside a tile. */
export const planScales = (problem: MatmulProblem, { extent }: SharedTile): Omit<ScalePlaces, 'offset'> => ({
  stride: extent + gap,
  hasOffsets: hasOffsets(problem),
});

export const scaleBytes = ({ stride, hasOffsets }: Omit<ScalePlaces, 'offset'>, { depth }: SharedTile): number =>
  (depth / groupElements) * stride * (hasOffsets ? 2 : 1) * 4;
