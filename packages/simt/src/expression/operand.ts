import type { Operand, View } from '@halyard/core';
import type { KernelWriter } from '../kernel/kernel-writer.js';
import { readType, valueNames } from './data-types.js';
import { evaluateLanes } from './evaluate.js';
import { loadElement, loadLanes } from './load.js';
import { at, type Lanes, laneCoordinates, laneValue, type Place } from './place.js';
import type { Value } from './value.js';

/** Elements of an operand, after its quantization and prologue. */
export function operandLanes(writer: KernelWriter, operand: Operand, place: Place): Lanes {
  const stored = loadLanes(writer, operand, place);
  const read = operand.quantization ? dequantize(writer, operand, stored, place) : stored;
  return operand.prologue ? evaluateLanes(writer, operand.prologue, [read], place)[0]! : read;
}

/** One element of an operand, after its quantization and prologue. */
export const operandValue = (writer: KernelWriter, operand: Operand, coordinates: readonly string[]): Value =>
  laneValue(operandLanes(writer, operand, at(coordinates)), '0');

function dequantize(writer: KernelWriter, operand: Operand, stored: Lanes, place: Place): Lanes {
  const { scale, zeroPoint, block } = operand.quantization!;
  const type = readType(writer.tensor(scale.tensor).type);
  const value = (lane: string): string => {
    const coordinates = laneCoordinates(place, lane);
    const ofBlock = (view: View) =>
      `(float)(${loadElement(writer, inBlocks(view, operand.shape, block), inBlock(coordinates, block)).code})`;
    const quant = `(float)(${laneValue(stored, lane).code})`;
    const centred = zeroPoint ? `(${quant} - ${ofBlock(zeroPoint)})` : quant;
    return `${centred} * ${ofBlock(scale)}`;
  };
  if (place.width === 1) return { name: writer.define('float', 'q', value('0')), type, isUniform: true };
  const name = writer.name('q');
  writer.line(`${valueNames[type]} ${name}[${place.width}];`);
  writer.loop('lane', place.width, () => writer.line(`${name}[lane] = ${value('lane')};`));
  return { name, type, isUniform: false };
}

/** The view of the values of blocks, with as many places as there are blocks. */
const inBlocks = (view: View, shape: readonly number[], block: readonly number[]): View => ({
  ...view,
  shape: shape.map((extent, axis) => Math.ceil(extent / (block[axis] ?? 1))),
});

const inBlock = (coordinates: readonly string[], block: readonly number[]): string[] =>
  coordinates.map((coordinate, axis) => ((block[axis] ?? 1) === 1 ? coordinate : `(${coordinate} / ${block[axis]})`));
