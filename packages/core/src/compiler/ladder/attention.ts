import type { Multiply, Step, StepKinds, Target, View } from '../../contract/index.js';
import { plainView } from '../accesses.js';
import type { Formula, Value } from '../decompose/formula.js';
import type { ModuleTensor } from '../module.js';
import { insertAxis, transpose } from '../views.js';
import { StepWriter } from './step-writer.js';

const { splitAxis } = StepWriter;

/**
 * Attention as a matmul, a map that scales and masks, a softmax, and a matmul. Grouped queries are an axis of their own
 * that keys and values broadcast over: [batch, keyHeads, group, queries, …].
 */
export function decomposeAttention(step: Step, tensors: ModuleTensor[]): Step[] {
  const writer = new StepWriter(tensors, step.origin);
  const { scale, causal, multiply } = step.attributes as unknown as StepKinds['attention']['attributes'];
  const [query, keyPages, valuePages, lengths, starts, table, mask] = step.inputs.map((operand) =>
    operand ? plainView(operand) : undefined,
  );
  const key = table ? gatherPages(writer, keyPages!, table) : keyPages!;
  const value = table ? gatherPages(writer, valuePages!, table) : valuePages!;
  const [batch, heads, queries] = query!.shape as [number, number, number];
  const keyHeads = key.shape[1]!;
  const capacity = key.shape[2]!;
  const group = keyHeads === 0 ? 0 : heads / keyHeads;
  const grouped = (view: View) => splitAxis(view, 1, keyHeads, group);
  const shared = (view: View) => insertAxis(view, 2, group);
  const shape = [batch, keyHeads, group, queries, capacity];

  const scores = writer.temporary('float32', shape);
  const attributes = { multiply: multiply as Multiply, accumulate: 'float32' as const };
  writer.add('matmul', [grouped(query!), transpose(shared(key), [0, 1, 2, 4, 3])], [scores], attributes);
  const along = (view: View, rank: number): View => ({
    ...view,
    shape: [batch, ...new Array<number>(rank - 1).fill(1)],
    strides: [view.strides[0]!, ...new Array<number>(rank - 1).fill(0)],
  });
  const bounds = { lengths, starts, capacity, queries, along };
  const isMasked = lengths !== undefined || starts !== undefined || causal;
  const negativeInfinity = (formula: Formula) => formula.constant('-Infinity', 'float32');
  const masked = writer.computed('float32', shape, (formula) => {
    let score = formula.applyNumber('mul', formula.read(scores), scale);
    if (mask) score = formula.apply('add', score, formula.cast(formula.read(grouped(mask)), 'float32'));
    if (!isMasked) return score;
    return formula.select(counts(formula, bounds, 5, causal), score, negativeInfinity(formula));
  });
  const softmax = writer.temporary('float32', shape);
  writer.add('normalize', [masked], [softmax], { form: 'softmax', axes: [4], epsilon: 0 });
  // A query that sees no key has a row of NaN here, and is to give zeros.
  const probabilities =
    !isMasked && !mask
      ? softmax
      : writer.computed('float32', shape, (formula) => {
          const isHidden = formula.apply('equal', formula.read(masked), negativeInfinity(formula));
          return formula.select(isHidden, formula.constant(0, 'float32'), formula.read(softmax));
        });
  // What lies beyond the lengths was never written: it may hold anything, NaN included.
  const values =
    lengths || starts
      ? writer.computed('float32', value.shape, (formula) => {
          const isThere = withinBounds(formula, bounds, 4, formula.coordinate(2, 'int32'));
          const element = formula.cast(formula.read(value), 'float32');
          return formula.select(isThere, element, formula.constant(0, 'float32'));
        })
      : value;
  const result = grouped(step.outputs[0]!) as Target;
  writer.add('matmul', [probabilities, shared(values)], [result], attributes);
  const sums = step.outputs[1];
  if (sums) {
    writer.add('reduce', [masked], [grouped(sums)], { combine: 'logSumExp', axes: [4], accumulate: 'float32' });
  }
  return writer.steps;
}

interface Bounds {
  readonly lengths: View | undefined;
  readonly starts: View | undefined;
  readonly capacity: number;
  readonly queries: number;
  readonly along: (view: View, rank: number) => View;
}

/** Whether the key at the last coordinate counts for the query at the one before. */
function counts(formula: Formula, bounds: Bounds, rank: number, causal: boolean): Value {
  const key = formula.coordinate(rank - 1, 'int32');
  const isThere = withinBounds(formula, bounds, rank, key);
  if (!causal) return isThere;
  const first = formula.applyNumber('sub', lengthOf(formula, bounds, rank), bounds.queries);
  const limit = formula.apply('add', first, formula.coordinate(rank - 2, 'int32'));
  return formula.apply('and', isThere, formula.apply('lesserOrEqual', key, limit));
}

function withinBounds(formula: Formula, bounds: Bounds, rank: number, key: Value): Value {
  const isBelow = formula.apply('lesser', key, lengthOf(formula, bounds, rank));
  if (!bounds.starts) return isBelow;
  const start = formula.read(bounds.along(bounds.starts, rank));
  return formula.apply('and', isBelow, formula.apply('greaterOrEqual', key, start));
}

function lengthOf(formula: Formula, { lengths, capacity, along }: Bounds, rank: number): Value {
  if (!lengths) return formula.constant(capacity, 'int32');
  return formula.applyNumber('min', formula.read(along(lengths, rank)), capacity);
}

/** [pages, keyHeads, blockSize, d] through a table [batch, pages] into [batch, keyHeads, pages · blockSize, d]. */
function gatherPages(writer: StepWriter, pages: View, table: View): View {
  const [batch, count] = table.shape as [number, number];
  const [, keyHeads, blockSize, size] = pages.shape as [number, number, number, number];
  const type = writer.tensors[pages.tensor]!.type;
  const dense = writer.temporary(type as 'float32', [batch, keyHeads, count * blockSize, size]);
  const byPage = transpose(splitAxis(dense, 2, count, blockSize), [0, 2, 1, 3, 4]);
  writer.add('gather', [pages, table], [byPage], { form: 'rows', axis: 0 });
  return dense;
}
