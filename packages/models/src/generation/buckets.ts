/** Token counts that a prompt is run in. One token alone goes through the graph that generates. */
export const promptBuckets = [1, 8, 16, 32, 64, 128, 512] as const;

/** Tokens that are run in one dispatch: `count` of them, padded to `bucket`. */
export interface Chunk {
  readonly start: number;
  readonly count: number;
  readonly bucket: number;
}

/**
 * What a dispatch costs beside its tokens, in tokens: reading the weights. Measured with SmolLM2-135M (Q4_1) on one
 * core with AVX2, milliseconds by tokens: 1: 8.0, 8: 19.7, 16: 28.9, 32: 51, 64: 93, 128: 188, which is 8 + 1.4 each.
 */
const dispatchCost = 6;

/** What it has to be worth to need another graph, which takes long to build the first time. */
const graphCost = 12;

interface Choice {
  readonly cost: number;
  /** The largest first. */
  readonly buckets: readonly number[];
}

/**
 * Cuts tokens into chunks so that the padded work is least, larger chunks first. Depends on nothing but the numbers, so
 * that a prompt is always run the same way.
 *
 * @param count tokens to run
 * @param room positions that are left, at least `count`; a padded chunk never goes beyond
 * @param buckets in rising order, the first of them 1, whose graph is there anyway
 */
export function planChunks(count: number, room: number, buckets: readonly number[] = promptBuckets): Chunk[] {
  const chunks: Chunk[] = [];
  let start = 0;
  for (const bucket of cheapest(count, room - count, buckets).buckets) {
    const taken = Math.min(bucket, count - start);
    chunks.push({ start, count: taken, bucket });
    start += taken;
  }
  return chunks;
}

/** Of each bucket, as many as tokens fill, one more for the rest, or none: others never cost less. */
function cheapest(left: number, slack: number, buckets: readonly number[]): Choice {
  if (left === 0) return { cost: 0, buckets: [] };
  const bucket = buckets.at(-1)!;
  const smaller = buckets.slice(0, -1);
  const full = Math.floor(left / bucket);
  const rest = left % bucket;
  const take = (times: number): Choice => {
    const behind = cheapest(Math.max(left - times * bucket, 0), slack, smaller);
    const graph = times > 0 && smaller.length > 0 ? graphCost : 0;
    return {
      cost: behind.cost + times * (dispatchCost + bucket) + graph,
      buckets: [...new Array<number>(times).fill(bucket), ...behind.buckets],
    };
  };
  const choices: Choice[] = [];
  if (rest > 0 && bucket - rest <= slack) choices.push(take(full + 1));
  if (full > 0) choices.push(take(full));
  if (smaller.length > 0) choices.push(take(0));
  return choices.reduce((best, choice) => (choice.cost < best.cost ? choice : best));
}
