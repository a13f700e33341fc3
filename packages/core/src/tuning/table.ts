import { type Configuration, HalyardError } from '../contract/index.js';

/** Both ends included; left out, there is none. */
export interface Range {
  readonly min?: number;
  readonly max?: number;
}

/**
 * For which steps an entry is meant. Shape classes by kind: matmul has `batch`, `rows` (m), `columns` (n) and `depth`
 * (k); attention `batch`, `rows` (queries), `columns` (keys) and `depth` (d); reduce, normalize and scan `rows` (how
 * many) and `depth` (how long); every other kind `elements` (of the first output).
 */
export interface TuningEntry {
  readonly kind: string;
  /** Types of the inputs by position, `*` for any; inputs that are not listed are not looked at. */
  readonly types?: readonly string[];
  readonly shape?: Readonly<Partial<Record<ShapeName, Range>>>;
  readonly configuration: Configuration;
  /** Where the figures are from: measured where, or derived how. */
  readonly source: string;
}

export type ShapeName = 'batch' | 'rows' | 'columns' | 'depth' | 'elements';

export const shapeNames: readonly ShapeName[] = ['batch', 'rows', 'columns', 'depth', 'elements'];

/** Configurations for one architecture, or, tuned on it, for one device. The first entry that fits a step is taken. */
export interface TuningTable {
  readonly version: 1;
  /** An adapter's architecture, or its fingerprint. */
  readonly for: string;
  readonly description: string;
  readonly entries: readonly TuningEntry[];
}

/**
 * A table from a file.
 *
 * @throws HalyardError `bad-file` that names what is wrong
 */
export function parseTuningTable(text: string, path: string): TuningTable {
  let table: unknown;
  try {
    table = JSON.parse(text);
  } catch (error) {
    throw badTable(path, `no JSON: ${(error as Error).message}`);
  }
  const problem = problemOf(table);
  if (problem) throw badTable(path, problem);
  return table as TuningTable;
}

/** What is wrong with a table, if anything is. */
export function problemOf(table: unknown): string | undefined {
  if (!isRecord(table)) return 'no object';
  if (table.version !== 1) return `version ${JSON.stringify(table.version)} instead of 1`;
  if (typeof table.for !== 'string') return 'no architecture or fingerprint under "for"';
  if (typeof table.description !== 'string') return 'no description';
  if (!Array.isArray(table.entries)) return 'no entries';
  for (const [index, entry] of table.entries.entries()) {
    const problem = entryProblem(entry);
    if (problem) return `entry ${index}: ${problem}`;
  }
  return undefined;
}

function entryProblem(entry: unknown): string | undefined {
  if (!isRecord(entry)) return 'no object';
  const { kind, types, shape, configuration, source } = entry;
  if (typeof kind !== 'string') return 'no kind';
  if (typeof source !== 'string' || source === '') return 'no source';
  if (types !== undefined && !(Array.isArray(types) && types.every((type) => typeof type === 'string'))) {
    return 'types are no list of names';
  }
  if (!isRecord(configuration)) return 'no configuration';
  if (!Object.values(configuration).every((value) => typeof value === 'string' || Number.isFinite(value))) {
    return 'a configuration value is neither a number nor a string';
  }
  if (shape === undefined) return undefined;
  if (!isRecord(shape)) return 'shape is no object';
  for (const [name, range] of Object.entries(shape)) {
    if (!(shapeNames as readonly string[]).includes(name)) return `shape has no "${name}"`;
    const ends = isRecord(range) ? [range.min ?? 0, range.max ?? 0] : [undefined];
    if (!ends.every(Number.isFinite)) return `"${name}" is no range`;
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function badTable(path: string, found: string): HalyardError {
  return new HalyardError('bad-file', {
    found: `The tuning table ${path} has ${found}`,
    expected: 'a table of version 1',
    remedy: 'Delete the file, or make it anew with halyard tune.',
  });
}
