import type { TuningLookup } from '../compiler/compile.js';
import type { Adapter, Step, Tensor } from '../contract/index.js';
import { cachedText, cacheFolder } from '../runtime/host/index.js';
import { shapeClass } from './shape-class.js';
import { parseTuningTable, type Range, type ShapeName, type TuningEntry, type TuningTable } from './table.js';
import { tuningTables } from './tables/index.js';

/**
 * A lookup in the tables of the house and what the user tuned here: first the user's table for the adapter's
 * fingerprint, then ours for its architecture, then those of its relatives, nearest first.
 *
 * @throws HalyardError `bad-file` for a user's table that is corrupt
 */
export const lookupTuning: TuningLookup = (adapter, step, tensors) => {
  let tables = known.get(adapter);
  if (!tables) {
    tables = tablesFor(adapter);
    known.set(adapter, tables);
  }
  return findEntry(tables, step, tensors)?.configuration ?? {};
};

const known = new WeakMap<Adapter, readonly TuningTable[]>();

/** The tables that count for an adapter, in order. */
export function tablesFor(adapter: Adapter): TuningTable[] {
  const file = tunedTableName(adapter);
  const text = cachedText(file);
  const tuned = text === undefined ? [] : [parseTuningTable(text, `${cacheFolder()}/${file}`)];
  const ours = [adapter.architecture, ...adapter.relatives].flatMap((name) => tuningTables[name] ?? []);
  return [...tuned, ...ours];
}

/** Where in the cache directory `halyard tune` keeps what it found for an adapter. */
export function tunedTableName(adapter: Adapter): string {
  return `tuning/${adapter.fingerprint.replace(/[^\w.-]+/g, '-')}.json`;
}

/** The first entry that fits a step. */
export function findEntry(
  tables: readonly TuningTable[],
  step: Step,
  tensors: readonly Tensor[],
): TuningEntry | undefined {
  const extents = shapeClass(step);
  for (const table of tables) {
    for (const entry of table.entries) {
      if (entry.kind === step.kind && hasTypes(entry, step, tensors) && isInShape(entry, extents)) return entry;
    }
  }
  return undefined;
}

function hasTypes({ types = [] }: TuningEntry, step: Step, tensors: readonly Tensor[]): boolean {
  return types.every((type, index) => {
    const operand = step.inputs[index];
    return type === '*' || (operand ? tensors[operand.tensor]?.type === type : false);
  });
}

function isInShape({ shape = {} }: TuningEntry, extents: Partial<Record<ShapeName, number>>): boolean {
  return (Object.entries(shape) as [ShapeName, Range][]).every(
    ([name, { min = 0, max = Number.POSITIVE_INFINITY }]) => {
      const extent = extents[name];
      return extent !== undefined && min <= extent && extent <= max;
    },
  );
}
