import type { DataType, Operand, Tensor } from '@halyard/core';
import { readType } from '../expression/index.js';

/** The data type of an operand's elements, after its quantization and prologue. */
export function operandType(tensors: readonly Tensor[], { tensor, quantization, prologue }: Operand): DataType {
  const read = readType(tensors[quantization?.scale.tensor ?? tensor]!.type);
  if (!prologue) return read;
  const given = [read, ...prologue.inputs.map((view) => readType(tensors[view.tensor]!.type))];
  const result = prologue.results[0]!;
  return given[result] ?? prologue.body[result - given.length]!.dataType;
}
