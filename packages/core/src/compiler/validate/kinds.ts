import type { Operand, Step, StepKinds, Tensor } from '../../contract/index.js';
import { resultShape } from '../accesses.js';
import { elementType, isFloat } from '../expressions/operators.js';
import { checkDataType } from './expressions.js';
import { checkInteger, reject } from './reject.js';
import { checkShape, checkType } from './views.js';

/** What a kind demands of its operands and attributes; gives the shapes of its results. */
export type KindCheck = (
  step: Step,
  tensors: readonly Pick<Tensor, 'type'>[],
  where: string,
) => readonly (readonly number[])[];

/** The checks of every kind. A kind that is not listed is a composite, whose shapes its body says. */
export const kindChecks: Readonly<Record<string, KindCheck>> = {
  map(step, _, where) {
    const shape = step.outputs.length > 0 ? resultShape(step) : reject(where, 'at least one output');
    if (!step.epilogue) reject(where, 'an epilogue, as every map has one');
    for (const operand of step.inputs) checkShape(operand!.shape, shape, `${where}: input`);
    return step.outputs.map(() => shape);
  },

  reduce(step, tensors, where) {
    const { combine, axes, accumulate } = attributesOf<'reduce'>(step);
    checkOneOf(combine, ['sum', 'product', 'min', 'max', 'argMin', 'argMax', 'logSumExp'], `${where}: combine`);
    const [x] = operands(step, 1, where);
    checkAxes(axes, x!.shape.length, where);
    checkDataType(accumulate, `${where}: accumulate`);
    if (combine === 'argMin' || combine === 'argMax') {
      if (axes.length !== 1) reject(`${where}: ${axes.length} axes`, 'one axis');
      if (!step.epilogue) checkType(tensors[step.outputs[0]!.tensor]!, ['int32', 'int64'], `${where}: output`);
    }
    return [x!.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent))];
  },

  normalize(step, _, where) {
    const { form, axes, epsilon } = attributesOf<'normalize'>(step);
    checkOneOf(form, ['softmax', 'logSoftmax', 'layer', 'rms'], `${where}: form`);
    const [x] = operands(step, 1, where);
    checkAxes(axes, x!.shape.length, where);
    if (typeof epsilon !== 'number') reject(`${where}: epsilon ${String(epsilon)}`, 'a number');
    return [x!.shape];
  },

  matmul(step, _, where) {
    const { multiply, accumulate } = attributesOf<'matmul'>(step);
    checkOneOf(multiply, multiplies, `${where}: multiply`);
    checkDataType(accumulate, `${where}: accumulate`);
    const [a, ...bs] = operands(step, Math.max(2, step.inputs.length), where);
    const rank = a!.shape.length;
    if (rank < 2) reject(`${where}: a of rank ${rank}`, 'rank 2 or more');
    const n = bs[0]!.shape[rank - 1]!;
    const expected = [...a!.shape.slice(0, -2), a!.shape[rank - 1]!, n];
    for (const b of bs) checkShape(b.shape, expected, `${where}: b`);
    return bs.map(() => [...a!.shape.slice(0, -1), n]);
  },

  attention(step, tensors, where) {
    const { scale, causal, blockSize, multiply } = attributesOf<'attention'>(step);
    checkOneOf(multiply, multiplies, `${where}: multiply`);
    if (typeof scale !== 'number' || typeof causal !== 'boolean')
      reject(`${where}: scale ${scale}, causal ${causal}`, 'a number and a boolean');
    if (step.inputs.length < 3 || step.inputs.length > 7) reject(`${where}: ${step.inputs.length} inputs`, '3 to 7');
    const [query, key, value, lengths, starts, table, mask] = step.inputs;
    for (const operand of [query, key, value]) {
      if (operand?.shape.length !== 4)
        reject(`${where}: rank ${operand?.shape.length}`, 'rank 4 of query, key and value');
    }
    const [batch, heads, queries, d] = query!.shape as [number, number, number, number];
    const [keyBatch, keyHeads, extent, keyD] = key!.shape as [number, number, number, number];
    if (keyHeads === 0 ? heads !== 0 : heads % keyHeads !== 0)
      reject(`${where}: ${heads} heads over ${keyHeads} key heads`, 'a multiple');
    if (keyD !== d) reject(`${where}: keys of ${keyD}`, `keys of ${d}`);
    checkShape(value!.shape.slice(0, 3), key!.shape.slice(0, 3), `${where}: value`);
    let capacity = extent;
    if (table) {
      checkInteger(blockSize, `${where}: blockSize`, 1);
      checkType(tensors[table.tensor]!, ['int32'], `${where}: table`);
      if (table.shape.length !== 2 || table.shape[0] !== batch)
        reject(`${where}: table [${table.shape.join(',')}]`, `[${batch},pages]`);
      if (extent !== blockSize) reject(`${where}: pages of ${extent}`, `pages of ${blockSize}`);
      capacity = table.shape[1]! * blockSize;
    } else if (keyBatch !== batch) {
      reject(`${where}: keys of ${keyBatch} sequences`, `${batch}`);
    }
    for (const counts of [lengths, starts]) {
      if (!counts) continue;
      checkShape(counts.shape, [batch], `${where}: lengths`);
      checkType(tensors[counts.tensor]!, ['int32'], `${where}: lengths`);
    }
    if (mask) checkShape(mask.shape, [batch, heads, queries, capacity], `${where}: mask`);
    const result = [batch, heads, queries, value!.shape[3]!];
    return step.outputs.length > 1 ? [result, [batch, heads, queries, 1]] : [result];
  },

  gather(step, tensors, where) {
    const { form, axis } = attributesOf<'gather'>(step);
    checkOneOf(form, ['rows', 'elements', 'nd'], `${where}: form`);
    const [from, indices] = operands(step, 2, where);
    checkIndices(indices!, tensors, `${where}: indices`);
    if (form === 'nd') return [addressedShape(from!.shape, indices!.shape, where)];
    checkInteger(axis, `${where}: axis`, 0, from!.shape.length - 1);
    if (form === 'rows') return [[...from!.shape.slice(0, axis), ...indices!.shape, ...from!.shape.slice(axis + 1)]];
    const expected = from!.shape.map((extent, at) => (at === axis ? indices!.shape[at]! : extent));
    checkShape(indices!.shape, expected, `${where}: indices`);
    return [indices!.shape];
  },

  scatter(step, tensors, where) {
    const { form, axis, combine, outOfRange } = attributesOf<'scatter'>(step);
    checkOneOf(form, ['rows', 'elements', 'nd'], `${where}: form`);
    checkOneOf(combine, ['replace', 'add', 'mul', 'min', 'max'], `${where}: combine`);
    checkOneOf(outOfRange, ['drop', 'clamp'], `${where}: outOfRange`);
    const [indices, updates] = operands(step, 2, where);
    checkIndices(indices!, tensors, `${where}: indices`);
    const { shape } = step.outputs[0] ?? reject(where, 'one output');
    if (form === 'nd') checkShape(updates!.shape, addressedShape(shape, indices!.shape, where), `${where}: updates`);
    else {
      checkInteger(axis, `${where}: axis`, 0, shape.length - 1);
      const expected =
        form === 'rows' ? [...shape.slice(0, axis), ...indices!.shape, ...shape.slice(axis + 1)] : indices!.shape;
      checkShape(updates!.shape, expected, `${where}: updates`);
    }
    return [shape];
  },

  scan(step, _, where) {
    const { combine, axis, exclusive, reversed } = attributesOf<'scan'>(step);
    checkOneOf(combine, ['sum', 'product', 'max', 'min'], `${where}: combine`);
    const [x] = operands(step, 1, where);
    checkInteger(axis, `${where}: axis`, 0, x!.shape.length - 1);
    if (typeof exclusive !== 'boolean' || typeof reversed !== 'boolean')
      reject(`${where}: ${exclusive}, ${reversed}`, 'booleans');
    return [x!.shape];
  },

  sort(step, tensors, where) {
    const { axis, count } = attributesOf<'sort'>(step);
    const [x] = operands(step, 1, where);
    checkInteger(axis, `${where}: axis`, 0, x!.shape.length - 1);
    checkInteger(count, `${where}: count`, 0, x!.shape[axis]!);
    if (!step.epilogue && step.outputs[1])
      checkType(tensors[step.outputs[1].tensor]!, ['int32', 'int64'], `${where}: indices`);
    const shape = x!.shape.map((extent, at) => (at === axis ? count : extent));
    return [shape, shape];
  },
};

const multiplies = ['float32', 'tfloat32', 'bfloat16', 'float16', 'float8', 'int8'];

function attributesOf<Kind extends keyof StepKinds>(step: Step): StepKinds[Kind]['attributes'] {
  return step.attributes as unknown as StepKinds[Kind]['attributes'];
}

function operands(step: Step, count: number, where: string): readonly Operand[] {
  if (step.inputs.length !== count || step.inputs.some((operand) => !operand)) {
    reject(`${where}: ${step.inputs.length} inputs`, `${count} inputs, none left out`);
  }
  return step.inputs as readonly Operand[];
}

function checkOneOf(found: unknown, allowed: readonly string[], where: string): void {
  if (!allowed.includes(found as string)) reject(`${where} ${String(found)}`, allowed.join(', '));
}

function checkAxes(axes: readonly number[], rank: number, where: string): void {
  if (!Array.isArray(axes)) reject(`${where}: axes ${String(axes)}`, 'a list');
  for (const axis of axes) checkInteger(axis, `${where}: axis`, 0, rank - 1);
  if (new Set(axes).size !== axes.length) reject(`${where}: axes ${axes.join(',')}`, 'each once');
}

function checkIndices(indices: Operand, tensors: readonly Pick<Tensor, 'type'>[], where: string): void {
  const type = elementType(tensors[indices.tensor]!.type);
  if (!indices.prologue && isFloat(type)) reject(`${where}: ${type}`, 'integers');
}

/** `nd`: what the last dimension of the indices addresses is replaced by the others. */
function addressedShape(shape: readonly number[], indices: readonly number[], where: string): readonly number[] {
  const depth = indices[indices.length - 1] ?? reject(`${where}: indices of rank 0`, 'rank 1 or more');
  if (depth > shape.length) reject(`${where}: indices of ${depth}`, `at most ${shape.length}`);
  return [...indices.slice(0, -1), ...shape.slice(depth)];
}
