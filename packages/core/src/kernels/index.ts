/**
 * Launches of kernels as plain data: what a generator of kernels makes of a program, and a native device runs. Types
 * alone, here so that neither of the two has to import the other.
 *
 * @module
 */
export type * from './kernel-launch.js';
export type * from './library-product.js';
export type * from './tensor-map.js';
