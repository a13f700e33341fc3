import type { Expression } from './expression.js';
import type { DataType } from './types.js';
import type { Operand, Target } from './view.js';

/** One form for all kinds. A kind's positions and attributes are in {@link StepKinds}. */
export interface Step<Kind extends string = string> {
  readonly kind: Kind;
  /** By position; `null` is an optional one left out. */
  readonly inputs: readonly (Operand | null)[];
  readonly outputs: readonly Target[];
  readonly attributes: Kind extends keyof StepKinds ? StepKinds[Kind]['attributes'] : Attributes;
  /** Done to each result before it is stored. Left out, result i is stored as output i. A `map` always has one. */
  readonly epilogue?: Expression;
  /** Steps to wait for: read after write, write after read, write after write. */
  readonly after: readonly number[];
  /** Labels of the operators it came from. */
  readonly origin: readonly string[];
  /** Of a composite: the same said in plain steps. */
  readonly body?: readonly Step[];
}

export type Attributes = Readonly<Record<string, number | string | boolean | readonly number[]>>;

/** What may be multiplied: the user's choice of precision. A tuning table chooses among what it allows, never beyond. */
export type Multiply = 'float32' | 'tfloat32' | 'bfloat16' | 'float16' | 'float8' | 'int8';

/**
 * Positions, shapes and attributes of every kind: all that a backend author has to know. Shapes are those of the
 * views. Results have, before an epilogue, the data type of `accumulate` (matmul, reduce; of argMin and argMax that of
 * the output's tensor), float32 (normalize, attention), or that of the first element read (gather, scatter, scan,
 * sort); an element of a block type or with a quantization reads as float32. A step never writes what it reads, unless an output is the identical view of an input and the kind is `map`
 * (or the input is one of the epilogue's). A dimension of extent 0 is allowed everywhere.
 */
export interface StepKinds {
  /** Any number of inputs, each of the shape of the outputs; `epilogue` says what is computed. */
  map: { inputs: 'any…'; attributes: Readonly<Record<string, never>> };
  /**
   * The output has the rank of `x`, with extent 1 on `axes`. Over nothing: sum 0, product 1, min +∞ (integers: the
   * greatest), max −∞, logSumExp −∞. `argMin` and `argMax` have one axis, take the first of equals (a NaN wins), and
   * give int32 or int64 as the output's tensor says. `accumulate` is the data type of the running value.
   */
  reduce: {
    inputs: 'x';
    attributes: {
      readonly combine: 'sum' | 'product' | 'min' | 'max' | 'argMin' | 'argMax' | 'logSumExp';
      readonly axes: readonly number[];
      readonly accumulate: DataType;
    };
  };
  /**
   * The output has the shape of `x`. softmax: exp(x − max)/Σ; layer: (x − mean)/√(variance + epsilon), biased variance;
   * rms: x/√(mean of squares + epsilon). Scale and bias are the epilogue. Computed in float32 or wider.
   */
  normalize: {
    inputs: 'x';
    attributes: {
      readonly form: 'softmax' | 'logSoftmax' | 'layer' | 'rms';
      readonly axes: readonly number[];
      readonly epsilon: number;
    };
  };
  /**
   * `a` [batch…, m, k]; every `b` [batch…, k, n], all of one shape; output [batch…, m, n]. Batches are broadcast by
   * stride 0. Result i is a·bᵢ, so a gated MLP is an epilogue silu(v0)·v1.
   */
  matmul: {
    inputs: 'a, b0, b1 …';
    attributes: { readonly multiply: Multiply; readonly accumulate: DataType };
  };
  /**
   * `query` [batch, heads, queries, d]; `key` [batch, keyHeads, capacity, d]; `value` [batch, keyHeads, capacity, dv];
   * heads a multiple of keyHeads; output [batch, heads, queries, dv]. `lengths` [batch], int32: how many keys are
   * there (left out: capacity; never more than capacity count). `starts` [batch], int32: the first key that counts.
   * `mask`, broadcast to [batch, heads, queries, capacity], is added to the scaled scores. Causal: query i sees the
   * keys up to length − queries + i, included. A query that sees no key gives zeros.
   *
   * `table` [batch, pages], int32: with it key and value are [pages, keyHeads, blockSize, d], and the keys of a
   * sequence are found through its pages. Second output, if there: log Σ exp of the scores, [batch, heads, queries, 1].
   */
  attention: {
    inputs: 'query, key, value, lengths?, starts?, table?, mask?';
    attributes: {
      readonly scale: number;
      readonly causal: boolean;
      readonly blockSize: number;
      readonly multiply: Multiply;
    };
  };
  /**
   * `rows`: output = from with `axis` replaced by the shape of indices. `elements`: output has the shape of indices,
   * which differs from `from` only along `axis`. `nd`: the last dimension of indices addresses the first dimensions of
   * `from`. Negative indices count from the end; then they are clamped to the range.
   */
  gather: {
    inputs: 'from, indices';
    attributes: { readonly form: 'rows' | 'elements' | 'nd'; readonly axis: number };
  };
  /**
   * Writes into the output, which keeps what is not named by indices; forms as for gather, in the other direction. Where
   * `replace` has several updates for an element, any one of them is what it holds afterwards, for each element of a
   * slice by itself: WebNN leaves it open, and so do the libraries beneath its implementations (DirectML:
   * DML_SCATTER_OPERATOR_DESC; OpenVINO: ScatterElementsUpdate-12). Floats are added and multiplied in any order.
   */
  scatter: {
    inputs: 'indices, updates';
    attributes: {
      readonly form: 'rows' | 'elements' | 'nd';
      readonly axis: number;
      readonly combine: 'replace' | 'add' | 'mul' | 'min' | 'max';
      readonly outOfRange: 'drop' | 'clamp';
    };
  };
  /** The output has the shape of `x`. */
  scan: {
    inputs: 'x';
    attributes: {
      readonly combine: 'sum' | 'product' | 'max' | 'min';
      readonly axis: number;
      readonly exclusive: boolean;
      readonly reversed: boolean;
    };
  };
  /**
   * The first `count` along `axis` in order; of equals the one with the lower index first; NaN counts as the largest.
   * Outputs: values, and optionally indices (int32 or int64).
   */
  sort: {
    inputs: 'x';
    attributes: { readonly axis: number; readonly descending: boolean; readonly count: number };
  };
}

/** The kinds that every contract of major 1 knows. */
export type StepKind = keyof StepKinds;
