import {
  type DataType,
  type Expression,
  type Instruction,
  type Tensor,
  type Type,
  typeLayouts,
} from '../../contract/index.js';
import {
  argumentCount,
  elementType,
  isBlockType,
  isComparison,
  isFloat,
  isScalarOperator,
} from '../expressions/operators.js';
import { checkInteger, reject } from './reject.js';
import { checkShape, checkView } from './views.js';

/**
 * Inputs have the shape of what the expression runs over, arguments come before they are used, and data types fit.
 *
 * @param leading the data types of the values that come first
 * @returns the data types of the results
 */
export function checkExpression(
  expression: Expression,
  leading: readonly DataType[],
  shape: readonly number[],
  tensors: readonly Tensor[],
  where: string,
): DataType[] {
  const types = [...leading];
  for (const [at, view] of expression.inputs.entries()) {
    checkView(view, tensors, `${where}: input ${at}`);
    checkShape(view.shape, shape, `${where}: input ${at}`);
    types.push(elementType(tensors[view.tensor]!.type));
  }
  for (const [at, instruction] of expression.body.entries()) {
    checkInstruction(instruction, types, shape, `${where}: instruction ${at} (${instruction.op})`);
    types.push(instruction.dataType);
  }
  return expression.results.map((result) => {
    checkInteger(result, `${where}: result`, 0, types.length - 1);
    return types[result]!;
  });
}

function checkInstruction(
  { op, arguments: given, dataType, value }: Instruction,
  types: readonly DataType[],
  shape: readonly number[],
  where: string,
): void {
  if (!isScalarOperator(op)) reject(where, 'a scalar operator of this contract');
  checkDataType(dataType, where);
  if (given.length !== argumentCount(op)) reject(`${where}: ${given.length} arguments`, `${argumentCount(op)}`);
  for (const argument of given) checkInteger(argument, `${where}: argument`, 0, types.length - 1);
  const argumentTypes = given.map((argument) => types[argument]!);
  const demand = (found: DataType | undefined, expected: DataType) => {
    if (found !== expected) reject(`${where}: ${found}`, expected);
  };
  if (op === 'constant') {
    if (typeof value !== 'number' && typeof value !== 'string')
      reject(`${where}: value ${String(value)}`, 'a number or text');
  } else if (op === 'coordinate') {
    checkInteger(value, `${where}: axis`, 0, shape.length - 1);
  } else if (op === 'random') {
    for (const type of [...argumentTypes, dataType]) demand(type, 'uint32');
  } else if (op === 'select') {
    demand(argumentTypes[0], 'uint8');
    for (const type of argumentTypes.slice(1)) demand(type, dataType);
  } else if (isComparison(op)) {
    demand(dataType, 'uint8');
    for (const type of argumentTypes) demand(type, argumentTypes[0]!);
  } else if (op !== 'cast') {
    for (const type of argumentTypes) demand(type, dataType);
  }
}

/** @throws HalyardError `bad-program` unless single elements can be of that type */
export function checkDataType(found: unknown, where: string): void {
  const isType = typeof found === 'string' && Object.hasOwn(typeLayouts, found) && !isBlockType(found as Type);
  if (!isType) reject(`${where}: data type ${String(found)}`, 'a data type of this contract');
}

/** A store rounds a float to the tensor's type; any other change of type takes a cast. */
export function checkStore(result: DataType, tensor: Tensor, where: string): void {
  const stored = tensor.type as DataType;
  if (result === stored || (isFloat(result) && isFloat(stored))) return;
  reject(`${where}: ${result} stored as ${stored}`, 'a cast to the data type of the output');
}
