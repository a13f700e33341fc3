import type { DataType, Step, Type } from '../../contract/index.js';
import { elementType } from './operators.js';

/** The data types of a step's results as its epilogue sees them; of a map: of its inputs, after their prologues. */
export function resultTypes(step: Step, tensors: readonly { readonly type: Type }[]): DataType[] {
  const read = (input: number): DataType => {
    const operand = step.inputs[input]!;
    return elementType(tensors[operand.quantization?.scale.tensor ?? operand.tensor]!.type);
  };
  switch (step.kind) {
    case 'map':
      return step.inputs.map((operand, input) => {
        const prologue = operand?.prologue;
        return prologue ? prologueType(step, input, tensors) : read(input);
      });
    case 'matmul':
      return step.inputs.slice(1).map(() => step.attributes.accumulate as DataType);
    case 'reduce':
      return step.attributes.combine === 'argMin' || step.attributes.combine === 'argMax'
        ? step.outputs.slice(0, 1).map((target) => elementType(tensors[target.tensor]!.type))
        : [step.attributes.accumulate as DataType];
    case 'normalize':
      return ['float32'];
    case 'attention':
      return ['float32'];
    case 'gather':
    case 'scan':
      return [step.inputs[0]!.prologue ? prologueType(step, 0, tensors) : read(0)];
    default:
      return step.outputs.map((target) => elementType(tensors[target.tensor]!.type));
  }
}

function prologueType(step: Step, input: number, tensors: readonly { readonly type: Type }[]): DataType {
  const operand = step.inputs[input]!;
  const prologue = operand.prologue!;
  const types: DataType[] = [
    elementType(tensors[operand.quantization?.scale.tensor ?? operand.tensor]!.type),
    ...prologue.inputs.map((view) => elementType(tensors[view.tensor]!.type)),
    ...prologue.body.map(({ dataType }) => dataType),
  ];
  return types[prologue.results[0]!]!;
}

/**
 * How many values come before the inputs of a step's epilogue. Attention's log Σ exp is none of them: an attention that
 * gives it stores both results as they are.
 */
export function resultCount(step: Step): number {
  if (step.kind === 'map') return step.inputs.length;
  if (step.kind === 'matmul') return step.inputs.length - 1;
  if (step.kind === 'sort') return step.epilogue ? 2 : step.outputs.length;
  return 1;
}
