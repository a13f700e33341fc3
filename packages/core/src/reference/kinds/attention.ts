import type { Operand, Step } from '../../contract/index.js';
import { asNumbers, type Dense, numbers } from '../column.js';
import type { Memory } from '../memory.js';
import { loadOperand } from '../operand.js';
import { createDense } from '../store.js';
import { logSumExp } from './reduce.js';

const sliceMultiplications = 2 ** 20;

/** softmax(scale · query · keyᵀ + mask) · value, in double, over the keys that a query sees. */
export function* attention(memory: Memory, step: Step<'attention'>): Generator<void, Dense[]> {
  const load = function* (position: number): Generator<void, Float64Array | undefined> {
    const operand = step.inputs[position];
    return operand ? asNumbers((yield* loadOperand(memory, operand)).values) : undefined;
  };
  const operands: Operands = {
    query: (yield* load(0))!,
    key: (yield* load(1))!,
    value: (yield* load(2))!,
    lengths: yield* load(3),
    starts: yield* load(4),
    table: yield* load(5),
    mask: yield* load(6),
  };
  const geometry = geometryOf(step);
  const { batch, heads, queries, valueSize } = geometry;
  const result = createDense('float32', [batch, heads, queries, valueSize]);
  const sums = createDense('float32', [batch, heads, queries, 1]);
  let handled = 0;
  for (let row = 0; row < batch * heads * queries; row++) {
    const sum = attend(operands, geometry, step.attributes, row, numbers(result.values));
    sums.values[row] = sum;
    handled += geometry.capacity * (geometry.size + valueSize);
    if (handled > sliceMultiplications) {
      handled = 0;
      yield;
    }
  }
  return step.outputs.length > 1 ? [result, sums] : [result];
}

interface Operands {
  readonly query: Float64Array;
  readonly key: Float64Array;
  readonly value: Float64Array;
  readonly lengths: Float64Array | undefined;
  readonly starts: Float64Array | undefined;
  readonly table: Float64Array | undefined;
  readonly mask: Float64Array | undefined;
}

interface Geometry {
  readonly batch: number;
  readonly heads: number;
  readonly queries: number;
  readonly size: number;
  readonly keyHeads: number;
  readonly capacity: number;
  readonly valueSize: number;
  /** Of the table, if there is one. */
  readonly pages: number;
}

function geometryOf(step: Step<'attention'>): Geometry {
  const [query, key, value, , , table] = step.inputs as readonly (Operand | null)[];
  const [batch, heads, queries, size] = query!.shape as [number, number, number, number];
  const [, keyHeads, extent] = key!.shape as [number, number, number, number];
  const pages = table ? table.shape[1]! : 0;
  const capacity = table ? pages * step.attributes.blockSize : extent;
  return { batch, heads, queries, size, keyHeads, capacity, valueSize: value!.shape[3]!, pages };
}

/** One query: writes its row of the output and gives log Σ exp of its scores. */
function attend(
  operands: Operands,
  geometry: Geometry,
  attributes: Step<'attention'>['attributes'],
  row: number,
  to: Float64Array,
): number {
  const { heads, queries, size, keyHeads, capacity, valueSize, pages } = geometry;
  const { scale, causal, blockSize } = attributes;
  const position = row % queries;
  const head = Math.floor(row / queries) % heads;
  const sequence = Math.floor(row / (queries * heads));
  const keyHead = Math.floor(head / (heads / keyHeads));
  const length = Math.min(operands.lengths?.[sequence] ?? capacity, capacity);
  const first = Math.max(operands.starts?.[sequence] ?? 0, 0);
  const end = causal ? Math.min(length, length - queries + position + 1) : length;
  if (end <= first) return -Infinity;
  /** Which row of all rows of keys, over batches or pages, heads and places. */
  const keyRow = (index: number): number => {
    if (!operands.table) return (sequence * keyHeads + keyHead) * capacity + index;
    const page = operands.table[sequence * pages + Math.floor(index / blockSize)]!;
    return (page * keyHeads + keyHead) * blockSize + (index % blockSize);
  };
  const scores = new Float64Array(end - first);
  for (let index = first; index < end; index++) {
    const at = keyRow(index) * size;
    let score = 0;
    for (let i = 0; i < size; i++) score += operands.query[row * size + i]! * operands.key[at + i]!;
    scores[index - first] = score * scale + (operands.mask?.[row * capacity + index] ?? 0);
  }
  const total = logSumExp(scores);
  if (total === -Infinity) return total;
  for (let index = first; index < end; index++) {
    const weight = Math.exp(scores[index - first]! - total);
    const at = keyRow(index) * valueSize;
    // A key of weight 0 is not there at all, whatever its value holds.
    if (weight === 0) continue;
    for (let i = 0; i < valueSize; i++) to[row * valueSize + i]! += weight * operands.value[at + i]!;
  }
  return total;
}
