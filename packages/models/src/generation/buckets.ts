/** Token counts that a prefill graph is compiled for. */
export const prefillBuckets = [1, 8, 32, 128, 512] as const;

/** Tokens that are run in one dispatch: `count` of them, padded to `bucket`. */
export interface Chunk {
  readonly start: number;
  readonly count: number;
  readonly bucket: number;
}

/** What a dispatch costs beside its tokens, in tokens: reading the weights. */
const dispatchCost = 24;

/**
 * Cuts tokens into chunks so that the padded work is least, larger chunks first.
 *
 * @param count tokens to run
 * @param room positions that are left, at least `count`; a padded chunk never goes beyond
 */
export function planChunks(count: number, room: number, buckets: readonly number[] = prefillBuckets): Chunk[] {
  const slack = room - count;
  // The bucket to begin with when so many tokens are left, and the cost of them all.
  const choices: { readonly bucket: number; readonly cost: number }[] = [{ bucket: 0, cost: 0 }];
  for (let left = 1; left <= count; left++) {
    let best = { bucket: buckets[0]!, cost: Number.POSITIVE_INFINITY };
    for (const bucket of buckets) {
      if (bucket > left + slack) break;
      const cost = dispatchCost + bucket + choices[Math.max(left - bucket, 0)]!.cost;
      if (cost <= best.cost) best = { bucket, cost };
    }
    choices.push(best);
  }
  const chunks: Chunk[] = [];
  for (let start = 0; start < count; ) {
    const { bucket } = choices[count - start]!;
    const taken = Math.min(bucket, count - start);
    chunks.push({ start, count: taken, bucket });
    start += taken;
  }
  return chunks;
}
