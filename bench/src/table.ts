/** One result of a benchmark command: a table for people, or the same as data. */
export interface Report {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly notes: readonly string[];
  /** What `--json` prints. */
  readonly data: unknown;
  /** Whether something that has to hold does not. */
  readonly failed?: boolean;
}

export function formatReport(report: Report): string {
  const cells = [report.columns, ...report.rows].map((row) => row.map(String));
  const widths = report.columns.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const numeric = report.columns.map((_, column) =>
    report.rows.every((row) => /^[\d.,×%-]+$/.test(String(row[column]))),
  );
  const lines = cells.map((row) =>
    row
      .map((cell, column) => (numeric[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return [report.title, '', ...lines, ...(report.notes.length ? ['', ...report.notes] : []), ''].join('\n');
}

export const times = (ratio: number) => `${ratio.toFixed(2)}×`;

export const formatMegabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** Of so many a second: whole ones, or two digits where there are few. */
export const formatRate = (rate: number) => (rate < 10 ? rate.toPrecision(2) : rate.toFixed(0));
