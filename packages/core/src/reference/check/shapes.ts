import type { Operand, Step, StepKind } from '../../contract/index.js';
import { badProgram } from '../failures.js';
import { targetShape } from '../store.js';
import { checkShape } from './views.js';

type Shape = readonly number[];
type Rule<Kind extends StepKind> = (step: Step<Kind>, shapes: readonly (Shape | undefined)[], where: string) => Shape[];

const axisOf = (shape: Shape, axis: number, where: string): number =>
  shape[axis] ?? raise(`${where}: axis ${axis}`, `an axis of shape [${shape}]`);

function raise(found: string, expected: string): never {
  throw badProgram(found, expected);
}

const required = (shapes: readonly (Shape | undefined)[], position: number, where: string): Shape =>
  shapes[position] ?? raise(`${where}: no input ${position}`, 'an operand there');

/** What each kind's results look like, from its inputs. Inputs that do not fit each other are refused. */
const rules: { readonly [Kind in StepKind]: Rule<Kind> } = {
  map(step, shapes, where) {
    const shape = targetShape(step.outputs[0] ?? raise(`${where}: no output`, 'at least one'));
    for (const [position] of step.inputs.entries())
      checkShape(required(shapes, position, where), shape, `${where}, input ${position}`);
    return step.outputs.map(() => shape);
  },
  reduce({ attributes: { axes } }, shapes, where) {
    const x = required(shapes, 0, where);
    for (const axis of axes) axisOf(x, axis, where);
    return [x.map((extent, axis) => (axes.includes(axis) ? 1 : extent))];
  },
  normalize({ attributes: { axes } }, shapes, where) {
    const x = required(shapes, 0, where);
    for (const axis of axes) axisOf(x, axis, where);
    return [x];
  },
  matmul(_step, shapes, where) {
    const a = required(shapes, 0, where);
    const b = required(shapes, 1, where);
    if (a.length < 2 || b.length < 2)
      raise(`${where}: matmul of ranks ${a.length} and ${b.length}`, 'ranks of 2 and more');
    checkShape(b, [...a.slice(0, -2), a.at(-1)!, b.at(-1)!], `${where}, b`);
    for (let position = 2; position < shapes.length; position++)
      checkShape(required(shapes, position, where), b, `${where}, b`);
    return shapes.slice(1).map(() => [...a.slice(0, -1), b.at(-1)!]);
  },
  attention({ attributes: { blockSize } }, shapes, where) {
    const query = required(shapes, 0, where);
    const key = required(shapes, 1, where);
    const value = required(shapes, 2, where);
    if ([query, key, value].some(({ length }) => length !== 4)) raise(`${where}: operands of other ranks`, 'rank 4');
    const [batch, heads, queries, size] = query as [number, number, number, number];
    const keyHeads = key[1]!;
    if (keyHeads === 0 || heads % keyHeads !== 0)
      raise(`${where}: ${heads} heads, ${keyHeads} heads of keys`, 'a multiple');
    const table = shapes[5];
    checkShape(key, [table ? key[0]! : batch, keyHeads, table ? blockSize : key[2]!, size], `${where}, key`);
    checkShape(value.slice(0, 3), key.slice(0, 3), `${where}, value`);
    if (shapes[3]) checkShape(shapes[3], [batch], `${where}, lengths`);
    if (shapes[4]) checkShape(shapes[4], [batch], `${where}, starts`);
    if (table) checkShape(table, [batch, table[1] ?? Number.NaN], `${where}, table`);
    const capacity = table ? table[1]! * blockSize : key[2]!;
    if (shapes[6]) checkShape(shapes[6], [batch, heads, queries, capacity], `${where}, mask`);
    return [
      [batch, heads, queries, value[3]!],
      [batch, heads, queries, 1],
    ];
  },
  gather({ attributes: { form, axis } }, shapes, where) {
    return [addressed(form, axis, required(shapes, 0, where), required(shapes, 1, where), where)];
  },
  scatter({ attributes: { form, axis }, outputs }, shapes, where) {
    const target = (outputs[0] ?? raise(`${where}: no output`, 'one')).shape;
    checkShape(
      required(shapes, 1, where),
      addressed(form, axis, target, required(shapes, 0, where), where),
      `${where}, updates`,
    );
    return [target];
  },
  scan({ attributes: { axis } }, shapes, where) {
    const x = required(shapes, 0, where);
    axisOf(x, axis, where);
    return [x];
  },
  sort({ attributes: { axis, count } }, shapes, where) {
    const x = required(shapes, 0, where);
    if (!(count >= 0 && count <= axisOf(x, axis, where)))
      raise(`${where}: count ${count}`, `at most the extent of axis ${axis}`);
    const shape = x.with(axis, count);
    return [shape, shape];
  },
};

/** The shape of what `indices` name in a tensor of shape `from`. */
function addressed(form: 'rows' | 'elements' | 'nd', axis: number, from: Shape, indices: Shape, where: string): Shape {
  if (form === 'nd') {
    const depth = indices.at(-1);
    if (depth === undefined || depth > from.length)
      raise(`${where}: indices [${indices}]`, `at most ${from.length} in the last axis`);
    return [...indices.slice(0, -1), ...from.slice(depth)];
  }
  const extent = axisOf(from, axis, where);
  if (form === 'rows') return [...from.slice(0, axis), ...indices, ...from.slice(axis + 1)];
  checkShape(indices.with(axis, extent), from, `${where}, indices`);
  return indices;
}

/**
 * The shapes of a step's results.
 *
 * @throws HalyardError `bad-program` for inputs that do not fit each other or the attributes
 */
export function resultShapes(step: Step, where: string): Shape[] {
  const shapes = step.inputs.map((operand: Operand | null) => operand?.shape);
  return rules[step.kind as StepKind](step as never, shapes, where);
}
