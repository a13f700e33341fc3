import { byteLength, type DataType, type Type, typeLayouts, type View } from '@halyard/core';
import type { KernelWriter } from '../kernel/kernel-writer.js';
import { alignmentOf, memoryAlignment } from '../kernel/tensor-memory.js';
import { elementAlignment, elementAt, isNear } from './address.js';
import { decode } from './convert.js';
import { isBlockType, isPacked, readType, storedNames, valueNames } from './data-types.js';
import { blockElements, nibbles } from './functions/blocks.js';
import { words } from './functions/words.js';
import { type Lanes, laneCoordinates, type Place, uniform } from './place.js';
import type { Value } from './value.js';

const wordNames: Readonly<Record<number, string>> = { 16: 'uint4', 8: 'uint2', 4: 'unsigned int', 2: 'unsigned short' };

/**
 * The widest word in which the elements of a place can be moved, or `undefined` where they do not lie side by side.
 *
 * @param direction of the elements in memory: 1, or −1 for a reversed axis
 */
export function wordFor(writer: KernelWriter, view: View, place: Place, direction: 1 | -1 = 1): string | undefined {
  const { axis, width } = place;
  const tensor = writer.tensor(view.tensor);
  if (width === 1 || isPacked(tensor.type) || view.strides[axis] !== direction) return undefined;
  const size = typeLayouts[tensor.type].bytes;
  const elements = elementAlignment(view, axis, width, direction < 0 ? 1 - width : 0);
  let bytes = Math.min(alignmentOf(tensor), memoryAlignment, width * size);
  while (bytes > size && (elements * size) % bytes !== 0) bytes /= 2;
  return bytes > size ? wordNames[bytes] : undefined;
}

/** Elements of a view, as values of the type that the tensor reads as. */
export function loadLanes(writer: KernelWriter, view: View, place: Place): Lanes {
  const { axis, width } = place;
  const tensor = writer.tensor(view.tensor);
  const type = readType(tensor.type);
  if (width === 1 || view.strides[axis] === 0 || view.shape[axis] === 1) {
    const value = loadElement(writer, view, place.coordinates);
    return uniform({ code: writer.define(valueNames[type], 'x', value.code), type });
  }
  const name = writer.name('x');
  writer.line(`${valueNames[type]} ${name}[${width}];`);
  for (const direction of [1, -1] as const) {
    const word = wordFor(writer, view, place, direction);
    if (!word) continue;
    loadWords(writer, view, place, { word, direction, name, type });
    return { name, type, isUniform: false };
  }
  writer.loop('lane', width, () => {
    writer.line(`${name}[lane] = ${loadElement(writer, view, laneCoordinates(place, 'lane')).code};`);
  });
  return { name, type, isUniform: false };
}

interface WordLoad {
  readonly word: string;
  readonly direction: 1 | -1;
  readonly name: string;
  readonly type: DataType;
}

function loadWords(writer: KernelWriter, view: View, place: Place, { word, direction, name, type }: WordLoad): void {
  const { width } = place;
  const stored = writer.tensor(view.tensor).type;
  const source = `${writer.pointer(view.tensor)} + (${elementAt(view, place.coordinates, direction < 0 ? 1 - width : 0)})`;
  writer.need(words);
  if (direction > 0 && storedNames[stored] === valueNames[type]) {
    writer.line(`load_words<${word}>(${name}, ${source});`);
    return;
  }
  const held = writer.name('s');
  writer.line(`${storedNames[stored]} ${held}[${width}];`, `load_words<${word}>(${held}, ${source});`);
  writer.loop('lane', width, () => {
    const lane = direction > 0 ? 'lane' : `${width - 1} - lane`;
    writer.line(`${name}[lane] = ${decode(writer, `${held}[${lane}]`, type)};`);
  });
}

/** One element of a view. */
export function loadElement(writer: KernelWriter, view: View, coordinates: readonly string[]): Value {
  const tensor = writer.tensor(view.tensor);
  const type = readType(tensor.type);
  const pointer = writer.pointer(view.tensor);
  const element = elementAt(view, coordinates);
  if (!isPacked(tensor.type)) return { code: decode(writer, `${pointer}[${element}]`, type), type };
  const index = writer.define(
    isNear(view) && byteLength(tensor.type, tensor.shape) < 2 ** 31 ? 'int' : 'long long',
    'e',
    element,
  );
  return { code: packedElement(writer, tensor.type, tensor.shape.at(-1) ?? 1, pointer, index), type };
}

/** Rows take whole blocks: where they do not fill them, elements are found by row and column. */
function packedElement(writer: KernelWriter, type: Type, extent: number, pointer: string, index: string): string {
  const { elements, bytes } = typeLayouts[type];
  const isWhole = extent % elements === 0;
  const place = isWhole ? index : `(${index} % ${extent})`;
  const row = isWhole ? '' : `${index} / ${extent} * ${Math.ceil(extent / elements) * bytes} + `;
  const source = `${pointer} + (${row}${place} / ${elements} * ${bytes})`;
  const within = `(int)(${place} % ${elements})`;
  if (isBlockType(type)) return writer.call(blockElements[type], source, within);
  writer.need(nibbles);
  return `${type}_element(${source}, ${within})`;
}
