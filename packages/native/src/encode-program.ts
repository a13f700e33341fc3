import {
  type Attributes,
  type Binding,
  breathe,
  type Configuration,
  type DataType,
  type Expression,
  HalyardError,
  type Instruction,
  type Operand,
  type Program,
  type Step,
  type Target,
  type Tensor,
  type View,
} from '@halyard/core';
import { ByteWriter } from './byte-writer.js';
import { roleCodes, scalarOperatorCodes, typeCodes } from './codes.js';

const magic = 0x44594c48; // "HLYD"
/** Raised with every change of the form; packages/native/native/decoder.cpp reads exactly this one. */
const formatVersion = 1;

/**
 * A program and its tuning in the binary form that every addon decodes (include/halyard/decoder.h): little-endian,
 * lists behind their length, optional parts behind a byte. Lets the event loop turn on the way.
 *
 * @throws HalyardError `bad-program` for an operator, type or value that has no encoding
 */
export async function encodeProgram(program: Program, tuning: readonly Configuration[] = []): Promise<Uint8Array> {
  const writer = new ByteWriter();
  for (const _part of writeProgram(writer, program, tuning)) await breathe();
  return writer.finish();
}

/** Stops after every part, none of which takes long. */
function* writeProgram(writer: ByteWriter, program: Program, tuning: readonly Configuration[]): Generator<void> {
  const { bindings, tensors, steps, version } = program;
  writer.uint32(magic);
  writer.uint32(formatVersion);
  writer.uint32(version.major);
  writer.uint32(version.minor);
  writeInteger(writer, program.workspaceBytes);
  yield* listInParts(writer, bindings, writeBinding);
  yield* listInParts(writer, tensors, writeTensor);
  yield* listInParts(writer, steps, writeStep);
  yield* listInParts(writer, steps, (target, _step, index) => writeAttributes(target, tuning[index] ?? {}));
}

/** Items between two stops. */
const itemsOfPart = 8;

function* listInParts<T>(
  writer: ByteWriter,
  list: readonly T[],
  write: (writer: ByteWriter, item: T, index: number) => void,
): Generator<void> {
  writer.uint32(list.length);
  for (let index = 0; index < list.length; index++) {
    if (index % itemsOfPart === 0) yield;
    write(writer, list[index]!, index);
  }
}

function writeList<T>(
  writer: ByteWriter,
  list: readonly T[],
  write: (writer: ByteWriter, item: T, index: number) => void,
) {
  writer.uint32(list.length);
  for (let index = 0; index < list.length; index++) write(writer, list[index]!, index);
}

function writeOptional<T>(
  writer: ByteWriter,
  value: T | null | undefined,
  write: (writer: ByteWriter, value: T) => void,
) {
  const given = value !== null && value !== undefined;
  writer.boolean(given);
  if (given) write(writer, value);
}

function writeInteger(writer: ByteWriter, value: number): void {
  if (!Number.isSafeInteger(value)) throw notEncodable(`the number ${value}`, 'an integer below 2^53');
  writer.int64(value);
}

function writeBinding(writer: ByteWriter, binding: Binding): void {
  writer.uint8(lookUp(roleCodes, binding.role, 'role'));
  writer.text(binding.role === 'constant' ? binding.fingerprint : binding.name);
  writeInteger(writer, binding.bytes);
}

function writeTensor(writer: ByteWriter, tensor: Tensor): void {
  writer.uint8(lookUp(typeCodes, tensor.type, 'type'));
  writeList(writer, tensor.shape, writeInteger);
  writer.int32(tensor.at === 'workspace' ? -1 : tensor.at === 'none' ? -2 : tensor.at.binding);
  writeInteger(writer, tensor.offset);
}

function writeView(writer: ByteWriter, view: View): void {
  writer.int32(view.tensor);
  writeInteger(writer, view.offset);
  if (view.strides.length !== view.shape.length)
    throw notEncodable(`a view with ${view.strides.length} strides`, `one for each of ${view.shape.length} dimensions`);
  writer.uint32(view.shape.length);
  for (const extent of view.shape) writeInteger(writer, extent);
  for (const stride of view.strides) writeInteger(writer, stride);
}

function writeExpression(writer: ByteWriter, expression: Expression): void {
  writeList(writer, expression.inputs, writeView);
  writeList(writer, expression.body, writeInstruction);
  writeList(writer, expression.results, (target, result) => target.int32(result));
}

function writeInstruction(writer: ByteWriter, instruction: Instruction): void {
  writer.uint8(lookUp(scalarOperatorCodes, instruction.op, 'scalar operator'));
  writer.uint8(lookUp(typeCodes, instruction.dataType, 'type'));
  writer.uint8(instruction.arguments.length);
  for (const argument of instruction.arguments) writer.int32(argument);
  const value = instruction.value ?? 0;
  writer.float64(Number(value));
  writer.int64(integerOf(value, instruction.dataType));
}

/** The value as a 64-bit integer; floats that are none count as 0, as no integer type can hold them. */
function integerOf(value: number | string, dataType: DataType): number | bigint {
  if (Number.isSafeInteger(value)) return value as number;
  if (typeof value === 'string' && /^[+-]?\d+$/.test(value)) return BigInt(value);
  const number = Number(value);
  if (Number.isNaN(number)) return 0;
  if (dataType === 'int64' || dataType === 'uint64') return clamp64(number, dataType);
  return Number.isFinite(number) ? BigInt(Math.trunc(number)) : 0;
}

function clamp64(number: number, dataType: 'int64' | 'uint64'): bigint {
  const [least, most] = dataType === 'int64' ? [-(2n ** 63n), 2n ** 63n - 1n] : [0n, 2n ** 64n - 1n];
  if (!Number.isFinite(number)) return number > 0 ? most : least;
  const integer = BigInt(Math.trunc(number));
  return integer < least ? least : integer > most ? most : integer;
}

function writeOperand(writer: ByteWriter, operand: Operand): void {
  writeView(writer, operand);
  writeOptional(writer, operand.prologue, writeExpression);
  writeOptional(writer, operand.quantization, (target, quantization) => {
    writeView(target, quantization.scale);
    writeOptional(target, quantization.zeroPoint, writeView);
    writeList(target, quantization.block, writeInteger);
  });
}

function writeTarget(writer: ByteWriter, target: Target): void {
  writeView(writer, target);
  writeOptional(writer, target.rows, (to, rows) => {
    to.int32(rows.axis);
    writeView(to, rows.indices);
  });
}

function writeStep(writer: ByteWriter, step: Step): void {
  writer.text(step.kind);
  writeList(writer, step.inputs, (target, input) => writeOptional(target, input, writeOperand));
  writeList(writer, step.outputs, writeTarget);
  writeAttributes(writer, step.attributes);
  writeOptional(writer, step.epilogue, writeExpression);
  writeList(writer, step.after, (target, before) => target.int32(before));
}

function writeAttributes(writer: ByteWriter, attributes: Attributes): void {
  writeList(writer, Object.entries(attributes), (target, [name, value]) => {
    target.text(name);
    if (typeof value === 'number') {
      target.uint8(0);
      target.float64(value);
    } else if (typeof value === 'boolean') {
      target.uint8(1);
      target.boolean(value);
    } else if (typeof value === 'string') {
      target.uint8(2);
      target.text(value);
    } else {
      target.uint8(3);
      writeList(target, value, (list, entry) => list.float64(entry));
    }
  });
}

function lookUp(codes: Readonly<Record<string, number>>, name: string, what: string): number {
  const code = Object.hasOwn(codes, name) ? codes[name] : undefined;
  if (code === undefined) throw notEncodable(`the ${what} ${name}`, `one of ${Object.keys(codes).join(', ')}`);
  return code;
}

function notEncodable(found: string, expected: string): HalyardError {
  return new HalyardError('bad-program', {
    found: `${found} in a program`,
    expected,
    remedy: 'Use a backend that was built for this version of @halyard/core.',
  });
}
