import type { Target } from '../target/target.js';
import { cudaDialect } from './cuda.js';
import type { Dialect } from './dialect.js';
import { hipDialect } from './hip.js';

export type { Dialect, Intrinsics } from './dialect.js';

export const dialectOf = (target: Target): Dialect => (target.vendor === 'cuda' ? cudaDialect : hipDialect);
