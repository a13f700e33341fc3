import { type DataType, HalyardError, type Instruction, reference } from '@halyard/core';
import type { KernelWriter } from '../kernel/kernel-writer.js';
import { convert, widen } from './convert.js';
import { isFloat, literal, valueNames } from './data-types.js';
import { extremes, gelu, integerDivide, integerPower, random, sigmoid, sign, silu } from './functions/numeric.js';
import type { Value } from './value.js';

const comparisons: Readonly<Record<string, (x: string, y: string) => string>> = {
  equal: (x, y) => `${x} == ${y}`,
  notEqual: (x, y) => `${x} != ${y}`,
  lesser: (x, y) => `${x} < ${y}`,
  lesserOrEqual: (x, y) => `${x} <= ${y}`,
  greater: (x, y) => `${x} > ${y}`,
  greaterOrEqual: (x, y) => `${x} >= ${y}`,
  and: (x, y) => `${x} != 0 && ${y} != 0`,
  or: (x, y) => `${x} != 0 || ${y} != 0`,
  xor: (x, y) => `(${x} != 0) != (${y} != 0)`,
  not: (x) => `${x} == 0`,
};

const floatUnary: Readonly<Record<string, (x: string, writer: KernelWriter) => string>> = {
  abs: (x) => `fabsf(${x})`,
  neg: (x) => `-(${x})`,
  sign: (x, writer) => sized(writer, sign, 'float', x),
  exp: (x) => `expf(${x})`,
  log: (x) => `logf(${x})`,
  sqrt: (x) => `sqrtf(${x})`,
  rsqrt: (x) => `rsqrtf(${x})`,
  reciprocal: (x) => `1.0f / ${x}`,
  erf: (x) => `erff(${x})`,
  tanh: (x) => `tanhf(${x})`,
  sigmoid: (x, writer) => writer.call(sigmoid, x),
  gelu: (x, writer) => writer.call(gelu, x),
  silu: (x, writer) => writer.call(silu, x),
  sin: (x) => `sinf(${x})`,
  cos: (x) => `cosf(${x})`,
  tan: (x) => `tanf(${x})`,
  floor: (x) => `floorf(${x})`,
  ceil: (x) => `ceilf(${x})`,
  roundEven: (x) => `rintf(${x})`,
};

const operators: Readonly<Record<string, string>> = { add: '+', sub: '-', mul: '*' };

function sized(writer: KernelWriter, helper: typeof sign, type: string, ...given: readonly string[]): string {
  writer.need(helper);
  return `${helper.name}<${type}>(${given.join(', ')})`;
}

/**
 * What an instruction computes, as code over its arguments' code.
 *
 * @param coordinates of the element, one for each axis
 * @throws HalyardError `bad-program` for an operator or value that the contract does not have
 */
export function instructionCode(
  writer: KernelWriter,
  instruction: Instruction,
  known: readonly Value[],
  coordinates: readonly string[],
): string {
  const { op, dataType } = instruction;
  const given = instruction.arguments.map((index) => known[index] ?? fail(`argument ${index} of ${op}`));
  if (op === 'constant') return literal(constantOf(instruction), dataType);
  if (op === 'coordinate') {
    const coordinate = coordinates[Number(instruction.value)] ?? fail(`axis ${instruction.value}`);
    return convert(writer, { code: coordinate, type: 'int32' }, dataType).code;
  }
  const [x, y, z] = given;
  if (!x) return fail(`${op} without arguments`);
  if (op === 'cast') return convert(writer, x, dataType).code;
  if (op === 'select') {
    return `${x.code} != 0 ? ${widen(writer, y!, dataType).code} : ${widen(writer, z!, dataType).code}`;
  }
  if (op === 'random') return writer.call(random, `(unsigned int)(${x.code})`, `(unsigned int)(${y!.code})`);
  if (op === 'isNaN' || op === 'isInfinite') return `(unsigned char)(${testOf(op, x)})`;
  const compare = comparisons[op];
  if (compare) return `(unsigned char)(${compare(x.code, (y ?? x).code)})`;
  const first = widen(writer, x, dataType).code;
  if (y) return binaryCode(writer, op, dataType, first, widen(writer, y, dataType).code);
  return unaryCode(writer, op, dataType, first);
}

function testOf(op: 'isNaN' | 'isInfinite', { code, type }: Value): string {
  if (!isFloat(type)) return '0';
  return op === 'isNaN' ? `${code} != ${code}` : `fabsf(${code}) == __int_as_float(0x7f800000)`;
}

export function binaryCode(writer: KernelWriter, op: string, type: DataType, x: string, y: string): string {
  const name = valueNames[type];
  if (op === 'min' || op === 'max') {
    writer.need(extremes);
    return `${op === 'min' ? 'least' : 'greatest'}<${name}>(${x}, ${y})`;
  }
  if (isFloat(type)) {
    if (op === 'div') return `${x} / ${y}`;
    return op === 'pow' ? `powf(${x}, ${y})` : `${x} ${operators[op] ?? fail(op)} ${y}`;
  }
  if (op === 'div') return sized(writer, integerDivide, name, x, y);
  if (op === 'pow') return sized(writer, integerPower, name, x, y);
  // Unsigned arithmetic wraps; that of signed types may not.
  const wide = type === 'int64' || type === 'uint64' ? 'unsigned long long' : 'unsigned int';
  return `(${name})((${wide})${x} ${operators[op] ?? fail(op)} (${wide})${y})`;
}

function unaryCode(writer: KernelWriter, op: string, type: DataType, x: string): string {
  if (isFloat(type)) return (floatUnary[op] ?? fail(op))(x, writer);
  const name = valueNames[type];
  if (op === 'floor' || op === 'ceil' || op === 'roundEven') return x;
  if (op === 'sign') return sized(writer, sign, name, x);
  const negative = `(${name})(0ull - (unsigned long long)${x})`;
  if (op === 'neg') return negative;
  if (op !== 'abs') return fail(`${op} of ${type}`);
  return type.startsWith('u') ? x : `${x} < 0 ? ${negative} : ${x}`;
}

function constantOf({ value = 0, dataType }: Instruction): number | bigint {
  if (dataType === 'int64') return BigInt.asIntN(64, BigInt(value));
  if (dataType === 'uint64') return BigInt.asUintN(64, BigInt(value));
  if (isFloat(dataType)) return reference.roundFloat(Number(value), dataType);
  return reference.convertValue(BigInt(Math.trunc(Number(value))), 'int64', dataType);
}

function fail(what: string): never {
  throw new HalyardError('bad-program', {
    found: `${what} in an expression`,
    expected: 'operators, values and axes as contract/expression.ts has them',
    remedy: 'Mend the program, or the compiler that made it.',
  });
}
