import { type DataType, type Operand, type Step, typeLayouts } from '@halyard/core';
import {
  convert,
  decode,
  elementAt,
  isFloat,
  laneValue,
  operandLanes,
  type Place,
  storedCode,
  storedNames,
  storeTarget,
  valueNames,
} from '../expression/index.js';
import { binaryCode } from '../expression/scalar.js';
import type { Helper } from '../kernel/helper.js';
import { KernelWriter } from '../kernel/kernel-writer.js';
import { countOf, decompose, indexName } from '../space/decompose.js';
import { type Addressing, hasRuns, locate, namedShape } from './addressing.js';
import { powerFrom } from './configuration.js';
import type { StepGenerator } from './step-generator.js';
import { widthFor } from './width.js';

/** An element in memory replaced by what becomes of it, whoever else changes it or its neighbours meanwhile. */
const updateInPlace: Helper = {
  name: 'update_in_place',
  text: `
template <class Word, class Element, class Operate>
__device__ __forceinline__ void update_in_place(Element* at, Operate operate) {
  const unsigned long long address = (unsigned long long)at;
  Word* const word = (Word*)(address & ~(unsigned long long)(sizeof(Word) - 1));
  const int shift = (int)(address & (sizeof(Word) - 1)) * 8;
  union Held { Word bits; Element element; };
  const Word mask = sizeof(Element) == sizeof(Word) ? ~Word(0) : (((Word(1) << (sizeof(Element) * 8 - 1)) << 1) - Word(1)) << shift;
  Word seen = *(volatile Word*)word;
  for (;;) {
    Held held, next;
    held.bits = (seen & mask) >> shift;
    next.bits = Word(0);
    next.element = operate(held.element);
    const Word found = atomicCAS(word, seen, (seen & ~mask) | (next.bits << shift));
    if (found == seen) return;
    seen = found;
  }
}`,
};

const operators = { add: 'add', mul: 'mul', min: 'min', max: 'max' } as const;

/** Writes updates where indices say: plainly where they replace, else by atomic operations. */
export const scatterGenerator: StepGenerator<'scatter'> = {
  supports(_target, step) {
    if (step.epilogue) return { part: 'epilogue', reason: 'scatter stores what it combines as it is' };
    return step.outputs[0]!.rows ? { part: 'step', reason: 'scatter finds its places by its own indices' } : true;
  },
  generate(scene, step) {
    const [indices, updates] = step.inputs as readonly Operand[];
    const target = step.outputs[0]!;
    const { combine, outOfRange } = step.attributes;
    const addressing: Addressing = { ...step.attributes, shape: target.shape, indices: indices! };
    const shape = namedShape(addressing);
    const count = countOf(shape);
    if (count === 0 || countOf(target.shape) === 0) {
      return { launches: [], choice: { kernel: 'none', configuration: {}, reason: 'there are no elements' } };
    }
    const writer = new KernelWriter({ ...scene, written: [target.tensor] });
    const threads = powerFrom(scene.tuning, 'threads', 256, { least: 32, most: 1024 });
    const isWordWise = combine === 'replace' && hasRuns(addressing);
    const width = isWordWise ? widthFor(writer, [updates!], [target], [1, ...shape]) : 1;
    const runs = count / width;
    const run = writer.define(indexName(runs), 'run', `(${indexName(runs)})blockIdx.x * ${threads} + (int)threadIdx.x`);
    writer.block(`if (${run} < ${runs})`, () => {
      const coordinates = decompose(writer, writer.define(indexName(count), 'i', `${run} * ${width}`), shape);
      const place: Place = { coordinates, axis: width === 1 ? -1 : shape.length - 1, width };
      const { coordinates: located, isInside } = locate(writer, addressing, coordinates, outOfRange === 'clamp');
      writer.block(`if (${isInside})`, () => {
        const lanes = operandLanes(writer, updates!, place);
        if (combine !== 'replace') combineElement(writer, step, laneValue(lanes, '0'), located);
        else {
          const there: Place = { coordinates: located, axis: width === 1 ? -1 : located.length - 1, width };
          storeTarget(writer, target, lanes, there);
        }
      });
    });
    const reason =
      combine === 'replace' ? 'updates replace what was there' : `elements ${combine} by atomic operations`;
    return {
      launches: [
        { kernel: writer.finish('scatter', threads), grid: [Math.ceil(runs / threads), 1, 1], block: [threads, 1, 1] },
      ],
      choice: { kernel: 'scatter', configuration: { threads, width }, reason },
    };
  },
};

function combineElement(
  writer: KernelWriter,
  step: Step<'scatter'>,
  update: ReturnType<typeof laneValue>,
  coordinates: readonly string[],
): void {
  const target = step.outputs[0]!;
  const combine = step.attributes.combine as keyof typeof operators;
  const type = writer.tensor(target.tensor).type as DataType;
  const at = writer.define('auto', 'at', `${writer.pointer(target.tensor)} + (${elementAt(target, coordinates)})`);
  const value = writer.define(valueNames[type], 'update', convert(writer, update, type).code);
  const { bytes } = typeLayouts[type];
  if (combine === 'add' && (type === 'float32' || (!isFloat(type) && bytes >= 4))) {
    const word = bytes === 8 ? 'unsigned long long' : type === 'float32' ? 'float' : 'unsigned int';
    writer.line(`atomicAdd((${word}*)${at}, (${word})${value});`);
    return;
  }
  writer.need(updateInPlace);
  const word = bytes === 8 ? 'unsigned long long' : 'unsigned int';
  const held = writer.name('held');
  writer.block(`update_in_place<${word}>(${at}, [&](${storedNames[type]} ${held})`, () => {
    const own = writer.define(valueNames[type], 'own', decode(writer, held, type));
    const combined = { code: `(${binaryCode(writer, operators[combine], type, own, value)})`, type };
    writer.line(`return (${storedNames[type]})${storedCode(writer, combined, type)};`);
  });
  writer.line(');');
}
