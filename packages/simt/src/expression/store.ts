import type { DataType, Step, Target } from '@halyard/core';
import type { KernelWriter } from '../kernel/kernel-writer.js';
import { elementAt } from './address.js';
import { storedCode } from './convert.js';
import { storedNames } from './data-types.js';
import { evaluateLanes } from './evaluate.js';
import { words } from './functions/words.js';
import { loadElement, wordFor } from './load.js';
import { at, type Lanes, laneCoordinates, laneValue, type Place, uniform } from './place.js';
import type { Value } from './value.js';

/** Puts results through a step's epilogue, if it has one, and stores them to its targets. */
export function storeLanes(
  writer: KernelWriter,
  step: Pick<Step, 'outputs' | 'epilogue'>,
  results: readonly Lanes[],
  place: Place,
): void {
  const values = step.epilogue ? evaluateLanes(writer, step.epilogue, results, place) : results;
  for (const [position, target] of step.outputs.entries()) storeTarget(writer, target, values[position]!, place);
}

/** As {@link storeLanes}, at one element. */
export function storeResults(
  writer: KernelWriter,
  step: Pick<Step, 'outputs' | 'epilogue'>,
  results: readonly Value[],
  coordinates: readonly string[],
): void {
  storeLanes(writer, step, results.map(uniform), at(coordinates));
}

/**
 * Stores values to one target, converted to its tensor's type. With `rows` the coordinate along their axis is the one
 * that the indices name; what lies outside of the tensor is dropped.
 */
export function storeTarget(writer: KernelWriter, target: Target, values: Lanes, place: Place): void {
  const { rows } = target;
  if (!rows) {
    storePlain(writer, target, values, place);
    return;
  }
  if (rows.axis === place.axis && place.width > 1) {
    writer.loop('lane', place.width, () => {
      storeTarget(writer, target, uniform(laneValue(values, 'lane')), at(laneCoordinates(place, 'lane')));
    });
    return;
  }
  const index = loadElement(writer, rows.indices, [place.coordinates[rows.axis]!]);
  const row = writer.define('long long', 'row', index.code);
  writer.block(`if (${row} >= 0 && ${row} < ${target.shape[rows.axis]})`, () => {
    const coordinates = place.coordinates.map((coordinate, axis) => (axis === rows.axis ? `(int)${row}` : coordinate));
    storePlain(writer, target, values, { ...place, coordinates });
  });
}

function storePlain(writer: KernelWriter, target: Target, values: Lanes, place: Place): void {
  const type = writer.tensor(target.tensor).type as DataType;
  const pointer = writer.pointer(target.tensor);
  const stored = (lane: string) => storedCode(writer, laneValue(values, lane), type);
  if (place.width === 1) {
    writer.line(`${pointer}[${elementAt(target, place.coordinates)}] = ${stored('0')};`);
    return;
  }
  const word = wordFor(writer, target, place);
  if (!word) {
    writer.loop('lane', place.width, () => {
      writer.line(`${pointer}[${elementAt(target, laneCoordinates(place, 'lane'))}] = ${stored('lane')};`);
    });
    return;
  }
  writer.need(words);
  const name = writer.name('t');
  writer.line(`${storedNames[type]} ${name}[${place.width}];`);
  writer.loop('lane', place.width, () => writer.line(`${name}[lane] = ${stored('lane')};`));
  writer.line(`store_words<${word}>(${pointer} + (${elementAt(target, place.coordinates)}), ${name});`);
}
