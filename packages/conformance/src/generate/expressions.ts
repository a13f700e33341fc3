import {
  type BinaryScalarOperator,
  type ComparisonOperator,
  type DataType,
  type Expression,
  type Instruction,
  reference,
  type UnaryScalarOperator,
  type View,
} from '@halyard/core';
import { randomValue } from './values.js';
import { viewOf, type Workshop } from './views.js';

const floatUnary: readonly UnaryScalarOperator[] = [
  ...(['abs', 'neg', 'sign', 'exp', 'log', 'sqrt', 'rsqrt', 'reciprocal', 'erf', 'tanh', 'sigmoid'] as const),
  ...(['gelu', 'silu', 'sin', 'cos', 'tan', 'floor', 'ceil', 'roundEven'] as const),
];
const integerUnary: readonly UnaryScalarOperator[] = ['abs', 'neg', 'sign'];
const binary: readonly BinaryScalarOperator[] = ['add', 'sub', 'mul', 'div', 'pow', 'min', 'max'];
const comparisons: readonly ComparisonOperator[] = [
  ...(['equal', 'notEqual', 'lesser', 'lesserOrEqual', 'greater', 'greaterOrEqual', 'and', 'or', 'xor'] as const),
];

/**
 * A random expression over values of the given types.
 *
 * @param results how many
 */
export function randomExpression(
  workshop: Workshop,
  leading: readonly DataType[],
  shape: readonly number[],
  results: number,
): { readonly expression: Expression; readonly types: readonly DataType[] } {
  const { random } = workshop;
  const inputs: View[] = [];
  const types = [...leading];
  for (let i = random.pick([0, 0, 0, 1, 1, 2]); i > 0; i--) {
    const type = random.chance(0.6) && leading.length > 0 ? leading[0]! : random.pick(workshop.types);
    inputs.push(viewOf(workshop, type, shape));
    types.push(type);
  }
  const body: Instruction[] = [];
  const add = (instruction: Instruction): number => {
    body.push(instruction);
    types.push(instruction.dataType);
    return types.length - 1;
  };
  if (types.length === 0) add(source(workshop, shape));
  for (let i = random.integer(0, 4); i > 0; i--) randomInstruction(workshop, types, shape, add);
  const last = Array.from({ length: results }, (_, position) => Math.max(types.length - 1 - position, 0));
  return { expression: { inputs, body, results: last }, types: last.map((value) => types[value]!) };
}

/** A value out of nothing. */
function source({ random, types, flavour }: Workshop, shape: readonly number[]): Instruction {
  if (shape.length > 0 && random.chance(0.3)) {
    return {
      op: 'coordinate',
      arguments: [],
      dataType: random.pick(['int32', 'float32']),
      value: random.integer(0, shape.length - 1),
    };
  }
  const dataType = random.pick(types);
  const value = randomValue(random, dataType, flavour);
  const isPlain = typeof value === 'number' && Number.isFinite(value);
  return { op: 'constant', arguments: [], dataType, value: isPlain ? value : String(value) };
}

function randomInstruction(
  workshop: Workshop,
  types: readonly DataType[],
  shape: readonly number[],
  add: (instruction: Instruction) => number,
): void {
  const { random } = workshop;
  // Mostly the newest value, so that chains get deep.
  const first = random.chance(0.6) ? types.length - 1 : random.integer(0, types.length - 1);
  const dataType = types[first]!;
  const isFloat = reference.isFloat(dataType);
  const partner = (): number => {
    const same = types.flatMap((type, index) => (type === dataType ? [index] : []));
    return random.pick(same);
  };
  const form = random.pick([
    'unary',
    'unary',
    'binary',
    'binary',
    'compare',
    'select',
    'cast',
    'source',
    'test',
    'random',
  ] as const);
  switch (form) {
    case 'unary':
      add({ op: random.pick(isFloat ? floatUnary : integerUnary), arguments: [first], dataType });
      break;
    case 'binary':
      add({ op: random.pick(binary), arguments: [first, partner()], dataType });
      break;
    case 'compare':
      add({ op: random.pick(comparisons), arguments: [first, partner()], dataType: 'uint8' });
      break;
    case 'test':
      add({ op: isFloat ? random.pick(['isNaN', 'isInfinite', 'not']) : 'not', arguments: [first], dataType: 'uint8' });
      break;
    case 'select': {
      const condition = add({ op: random.pick(comparisons), arguments: [first, partner()], dataType: 'uint8' });
      add({ op: 'select', arguments: [condition, first, partner()], dataType });
      break;
    }
    case 'cast':
      add({ op: 'cast', arguments: [first], dataType: random.pick(workshop.types) });
      break;
    case 'random': {
      if (!workshop.types.includes('uint32')) break;
      const counter = dataType === 'uint32' ? first : add({ op: 'cast', arguments: [first], dataType: 'uint32' });
      const seed = add({ op: 'constant', arguments: [], dataType: 'uint32', value: random.integer(0, 99) });
      add({ op: 'random', arguments: [seed, counter], dataType: 'uint32' });
      break;
    }
    default:
      add(source(workshop, shape));
  }
}
