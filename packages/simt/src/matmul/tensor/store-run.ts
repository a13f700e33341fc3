/** Columns that a thread puts through the epilogue together: as many as it loads and stores at once, where rows allow. */
export const runWidth = (n: number): 1 | 4 => (n % 4 === 0 ? 4 : 1);

/**
 * Calls `store` for a run of neighbouring columns.
 *
 * @param from C++ of pointers to the sums of each b in shared memory, at multiples of 16 bytes
 */
export function printStoreRun(sumType: 'float' | 'int', from: readonly string[], width: 1 | 4): string {
  if (width === 1) return `store(batch, row, column, ${from.map((pointer) => `*(${pointer})`).join(', ')});`;
  const loads = from.map(
    (pointer, i) => `const ${sumType}4 four${i} = *reinterpret_cast<const ${sumType}4*>(${pointer});
            const ${sumType} run${i}[4] = {four${i}.x, four${i}.y, four${i}.z, four${i}.w};`,
  );
  return `{
            ${loads.join('\n            ')}
            store(batch, row, column, ${from.map((_, i) => `run${i}`).join(', ')});
          }`;
}
