/** The logarithms of the probabilities that logits stand for. */
export function logSoftmax(logits: Float32Array): Float64Array {
  const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0)) + most;
  return Float64Array.from(logits, (logit) => logit - total);
}

/** Kullback-Leibler divergence of `other` from `truth`, in nats, both given as logits over one vocabulary. */
export function divergence(truth: Float32Array, other: Float32Array): number {
  const p = logSoftmax(truth);
  const q = logSoftmax(other);
  // Adding up the smallest terms' rounding errors must not make it negative.
  return Math.max(
    0,
    p.reduce((sum, logarithm, token) => sum + Math.exp(logarithm) * (logarithm - q[token]!), 0),
  );
}
