/** Texts that are run in one dispatch, padded to `length` tokens. */
export interface Batch {
  /** Indices of the texts. */
  readonly texts: readonly number[];
  readonly length: number;
}

const lengthBuckets = [16, 32, 64, 128, 256, 512];
const rowBuckets = [16, 8, 4, 2, 1];
/** More tokens in one dispatch gain nothing and take memory. */
const mostTokens = 2048;

/**
 * Sorts texts of about one length together.
 *
 * @param lengths tokens of each text
 * @param maximum the longest that a text can be
 */
export function planBatches(lengths: readonly number[], maximum: number): Batch[] {
  const buckets = [...lengthBuckets.filter((bucket) => bucket < maximum), maximum];
  const byLength = new Map<number, number[]>();
  lengths.forEach((length, text) => {
    const bucket = buckets.find((candidate) => candidate >= length) ?? maximum;
    const texts = byLength.get(bucket);
    if (texts === undefined) byLength.set(bucket, [text]);
    else texts.push(text);
  });
  return [...byLength].flatMap(([length, texts]) => {
    const batches: Batch[] = [];
    const fitting = rowBuckets.filter((rows) => rows === 1 || rows * length <= mostTokens);
    for (let start = 0; start < texts.length; ) {
      const rows = fitting.find((count) => count <= texts.length - start)!;
      batches.push({ texts: texts.slice(start, start + rows), length });
      start += rows;
    }
    return batches;
  });
}
