import type { Operand, Step, Tensor } from '@halyard/core';

/** An attention step's extents and operands. */
export interface AttentionProblem {
  readonly step: Step<'attention'>;
  readonly tensors: readonly Tensor[];
  readonly batch: number;
  readonly heads: number;
  readonly queries: number;
  /** d: of queries and keys. */
  readonly size: number;
  readonly keyHeads: number;
  /** Heads that share a head of keys. */
  readonly group: number;
  /** Keys that there is room for. */
  readonly capacity: number;
  /** dv */
  readonly valueSize: number;
  readonly query: Operand;
  readonly key: Operand;
  readonly value: Operand;
  readonly lengths: Operand | undefined;
  readonly starts: Operand | undefined;
  readonly table: Operand | undefined;
  readonly mask: Operand | undefined;
  readonly scale: number;
  readonly causal: boolean;
  readonly blockSize: number;
}

export function attentionProblem(step: Step<'attention'>, tensors: readonly Tensor[]): AttentionProblem {
  const [query, key, value, lengths, starts, table, mask] = step.inputs;
  const [batch, heads, queries, size] = query!.shape as [number, number, number, number];
  const [, keyHeads, extent] = key!.shape as [number, number, number, number];
  const { scale, causal, blockSize } = step.attributes;
  return {
    step,
    tensors,
    batch,
    heads,
    queries,
    size,
    keyHeads,
    group: keyHeads === 0 ? 0 : heads / keyHeads,
    capacity: table ? table.shape[1]! * blockSize : extent,
    valueSize: value!.shape[3]!,
    query: query!,
    key: key!,
    value: value!,
    lengths: lengths ?? undefined,
    starts: starts ?? undefined,
    table: table ?? undefined,
    mask: mask ?? undefined,
    scale,
    causal,
    blockSize,
  };
}
