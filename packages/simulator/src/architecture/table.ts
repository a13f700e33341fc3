import type { ArchitectureModel } from './architecture.js';
import { ampereAda } from './table/ampere-ada.js';
import { hopperBlackwell } from './table/hopper-blackwell.js';
import { voltaTuring } from './table/volta-turing.js';

/**
 * One board per architecture. Each row says where its figures were found, and which were not. Rates of matrices are
 * those of the data sheets' dense peak with float32 sums, divided by multiprocessors and clock.
 */
export const architectures: Readonly<Record<string, ArchitectureModel>> = {
  ...voltaTuring,
  ...ampereAda,
  ...hopperBlackwell,
};
