import type { DataType, Operand, Step, Target } from '../../contract/index.js';
import { plainView } from '../accesses.js';
import { ExpressionWriter } from '../expressions/expression-writer.js';
import { elementType } from '../expressions/operators.js';
import { resultTypes } from '../expressions/value-types.js';
import type { ModuleTensor } from '../module.js';
import { kindChecks } from '../validate/kinds.js';
import { StepWriter } from './step-writer.js';

/** Whether the step stores otherwise than plainly: an epilogue of its own, or rows. */
export function hasEpilogue(step: Step): boolean {
  return step.kind !== 'map' && (step.epilogue !== undefined || step.outputs.some(({ rows }) => rows));
}

export function hasPrologue(step: Step): boolean {
  return step.kind !== 'map' && step.inputs.some((operand) => operand?.prologue || operand?.quantization);
}

/** The step with plain results in temporaries, and a map that does what its epilogue did. */
export function splitEpilogue(step: Step, tensors: ModuleTensor[]): Step[] {
  const writer = new StepWriter(tensors, step.origin);
  const shapes = kindChecks[step.kind]!(step, tensors, step.kind);
  const types = resultTypes(step, tensors);
  const { epilogue, ...bare } = step;
  // Attention's log Σ exp is no value of the epilogue; it stays with the step.
  const plainCount = epilogue ? types.length : Math.min(types.length, step.outputs.length);
  const results = types.slice(0, plainCount).map((type, at) => writer.temporary(type, shapes[at]!));
  const extra = step.kind === 'attention' ? step.outputs.slice(1) : [];
  const expression = new ExpressionWriter(tensors);
  const values = results.map((result) => expression.input(result));
  const made = epilogue ? expression.inline(epilogue, values)! : values;
  const outputs = step.outputs.slice(0, step.outputs.length - extra.length);
  const stored = made.map((value, at) => {
    const type = tensors[outputs[at]!.tensor]!.type as DataType;
    return expression.typeOf(value) === type
      ? value
      : expression.instruction({ op: 'cast', arguments: [value], dataType: type });
  });
  const map = { kind: 'map', attributes: {}, outputs, after: [], origin: step.origin, ...expression.finishMap(stored) };
  const copied = new StepWriter(tensors, step.origin);
  const extras = extra.map((target) => {
    if (!target.rows) return target;
    const plain = copied.temporary('float32', shapes[1]!);
    copied.map(plain.shape, [target], (formula) => [formula.read(plain)]);
    return plain;
  });
  return [{ ...bare, outputs: [...results, ...extras] }, map, ...copied.steps];
}

/** Maps that compute what the prologues did into temporaries, and the step that reads those. */
export function splitPrologues(step: Step, tensors: ModuleTensor[]): Step[] {
  const writer = new StepWriter(tensors, step.origin);
  const steps: Step[] = [];
  const inputs = step.inputs.map((operand): Operand | null => {
    if (!operand?.prologue && !operand?.quantization) return operand;
    const expression = new ExpressionWriter(tensors);
    const element = expression.input(operand);
    const value = operand.prologue ? expression.inline(operand.prologue, [element])![0]! : element;
    const result = writer.temporary(expression.typeOf(value), operand.shape);
    steps.push({
      kind: 'map',
      attributes: {},
      outputs: [result],
      after: [],
      origin: step.origin,
      ...expression.finishMap([value]),
    });
    return result;
  });
  return [...steps, { ...step, inputs }];
}

/** Stores through `rows`, said as a scatter: what lies outside is dropped, and a negative index lies outside. */
export function rowsAsScatter(step: Step, tensors: ModuleTensor[]): Step[] | undefined {
  if (step.kind !== 'map' || !step.outputs.some(({ rows }) => rows)) return undefined;
  const writer = new StepWriter(tensors, step.origin);
  const outputs = step.outputs.map((target): Target => {
    if (!target.rows) return target;
    const { axis, indices } = target.rows;
    const shape = target.shape.map((extent, at) => (at === axis ? indices.shape[0]! : extent));
    const values = writer.temporary(elementType(tensors[target.tensor]!.type), shape);
    const capacity = target.shape[axis]!;
    const named = writer.computed(elementType(tensors[indices.tensor]!.type), indices.shape, (formula) => {
      const index = formula.read(indices);
      return formula.select(
        formula.applyNumber('lesser', index, 0),
        formula.constant(capacity, formula.typeOf(index)),
        index,
      );
    });
    writer.add('scatter', [named, values], [plainView(target)], {
      form: 'rows',
      axis,
      combine: 'replace',
      outOfRange: 'drop',
    });
    return values;
  });
  return [{ ...step, outputs }, ...writer.steps];
}
