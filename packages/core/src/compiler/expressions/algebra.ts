import type { DataType, Instruction } from '../../contract/index.js';
import { isComparison, isFloat, isNarrowFloat } from './operators.js';

/** What algebra may look at: how a value came about, and of what type it is. */
export interface ValueTable {
  readonly instructionOf: (value: number) => Instruction | undefined;
  readonly typeOf: (value: number) => DataType;
}

/** Either a value that there is already, or another instruction to put in place. */
export type Simplified = { readonly value: number } | { readonly instruction: Instruction };

/**
 * One step of algebra that gives the very same bits, signed zeros, infinities and NaN included; `undefined` where there
 * is nothing to do. So x + 0 stays (−0 + 0 is +0), x + −0 goes; x · 0 stays for floats.
 */
export function simplifyInstruction(instruction: Instruction, table: ValueTable): Simplified | undefined {
  const { op, dataType } = instruction;
  const [first, second, third] = instruction.arguments;
  const constant = (value: number | undefined) => constantOf(value, table);
  switch (op) {
    case 'cast':
      return simplifyCast(instruction, table);
    case 'neg':
    case 'abs': {
      const inner = table.instructionOf(first!);
      if (op === 'neg' && inner?.op === 'neg') return { value: inner.arguments[0]! };
      if (op === 'abs' && inner?.op === 'abs') return { value: first! };
      if (op === 'abs' && inner?.op === 'neg' && isFloat(dataType)) {
        return { instruction: { ...instruction, arguments: [inner.arguments[0]!] } };
      }
      return undefined;
    }
    case 'not': {
      const inner = table.instructionOf(first!);
      if (inner?.op !== 'not') return undefined;
      const truth = table.instructionOf(inner.arguments[0]!);
      return truth && isComparison(truth.op) ? { value: inner.arguments[0]! } : undefined;
    }
    case 'select': {
      if (second === third) return { value: second! };
      const truth = constant(first);
      if (truth !== undefined) return { value: Number(truth) !== 0 ? second! : third! };
      const condition = table.instructionOf(first!);
      if (condition?.op === 'not') {
        return { instruction: { ...instruction, arguments: [condition.arguments[0]!, third!, second!] } };
      }
      return undefined;
    }
    case 'min':
    case 'max':
      return first === second ? { value: first! } : undefined;
    case 'add':
      if (isNeutralForAddition(constant(second), dataType)) return { value: first! };
      return isNeutralForAddition(constant(first), dataType) ? { value: second! } : undefined;
    case 'sub':
      return isPositiveZero(constant(second)) ? { value: first! } : undefined;
    case 'mul':
      if (isOne(constant(second))) return { value: first! };
      return isOne(constant(first)) ? { value: second! } : undefined;
    case 'div': {
      const divisor = constant(second);
      return isOne(divisor) ? { value: first! } : undefined;
    }
    case 'pow': {
      const exponent = Number(constant(second));
      if (exponent === 1) return { value: first! };
      // The square of a float32 is exact in double precision, so both round it once.
      if (exponent === 2 && dataType === 'float32') {
        return { instruction: { op: 'mul', arguments: [first!, first!], dataType } };
      }
      return undefined;
    }
    default:
      return undefined;
  }
}

function simplifyCast({ arguments: [first], dataType }: Instruction, table: ValueTable): Simplified | undefined {
  if (table.typeOf(first!) !== dataType) return undefined;
  const source = table.instructionOf(first!);
  // A narrow float that was computed may be held wider than declared: the cast is what rounds it.
  const isExact = source === undefined || source.op === 'cast';
  return isExact || !isNarrowFloat(dataType) ? { value: first! } : undefined;
}

function constantOf(value: number | undefined, table: ValueTable): number | string | undefined {
  if (value === undefined) return undefined;
  const instruction = table.instructionOf(value);
  return instruction?.op === 'constant' ? instruction.value : undefined;
}

function isNeutralForAddition(value: number | string | undefined, type: DataType): boolean {
  if (value === undefined) return false;
  return isFloat(type) ? Object.is(value, -0) : Number(value) === 0;
}

function isPositiveZero(value: number | string | undefined): boolean {
  return value !== undefined && Object.is(Number(value), 0);
}

function isOne(value: number | string | undefined): boolean {
  return value !== undefined && Number(value) === 1;
}
