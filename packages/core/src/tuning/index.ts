/** Which configuration of a kernel is best for a step on an architecture: tables, and the lookup in them. */
export type { TuningLookup } from '../compiler/compile.js';
export { findEntry, lookupTuning, tablesFor, tunedTableName } from './lookup.js';
export { shapeClass } from './shape-class.js';
export { parseTuningTable, problemOf, type ShapeName, type TuningEntry, type TuningTable } from './table.js';
export { tuningTables } from './tables/index.js';
