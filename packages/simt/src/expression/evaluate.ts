import type { DataType, Expression } from '@halyard/core';
import type { KernelWriter } from '../kernel/kernel-writer.js';
import { valueNames } from './data-types.js';
import { loadLanes } from './load.js';
import { type Lanes, laneCoordinates, laneValue, type Place } from './place.js';
import { instructionCode } from './scalar.js';
import type { Value } from './value.js';

/**
 * An expression at each lane of a place; its inputs are loaded there first.
 *
 * @param leading the results of the step, or the element that a prologue is given
 * @returns its results
 */
export function evaluateLanes(
  writer: KernelWriter,
  expression: Expression,
  leading: readonly Lanes[],
  place: Place,
): Lanes[] {
  const given = [...leading, ...expression.inputs.map((view) => loadLanes(writer, view, place))];
  if (place.width === 1) {
    const values = evaluateBody(
      writer,
      expression,
      given.map((lanes) => laneValue(lanes, '0')),
      place.coordinates,
    );
    return expression.results.map((index) => ({
      name: values[index]!.code,
      type: values[index]!.type,
      isUniform: true,
    }));
  }
  const computed = [...new Set(expression.results.filter((index) => index >= given.length))];
  const results = new Map<number, Lanes>(given.map((lanes, index) => [index, lanes]));
  for (const index of computed) {
    const type = expression.body[index - given.length]!.dataType;
    const name = writer.name('r');
    writer.line(`${valueNames[type]} ${name}[${place.width}];`);
    results.set(index, { name, type, isUniform: false });
  }
  if (computed.length > 0) {
    writer.loop('lane', place.width, () => {
      const leadingValues = given.map((lanes) => laneValue(lanes, 'lane'));
      const values = evaluateBody(writer, expression, leadingValues, laneCoordinates(place, 'lane'));
      for (const index of computed) writer.line(`${results.get(index)!.name}[lane] = ${values[index]!.code};`);
    });
  }
  return expression.results.map((index) => results.get(index)!);
}

/** The instructions of an expression at one element: a constant for each. `given` are all values before them. */
export function evaluateBody(
  writer: KernelWriter,
  expression: Expression,
  given: readonly Value[],
  coordinates: readonly string[],
): Value[] {
  const known = [...given];
  for (const instruction of expression.body) {
    const code = instructionCode(writer, instruction, known, coordinates);
    const type: DataType = instruction.dataType;
    known.push({ code: writer.define(valueNames[type], 'v', code), type });
  }
  return known;
}
