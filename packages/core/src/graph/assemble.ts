import type { ConstantSource } from '../contract/index.js';
import type { Graph, Operator } from './graph.js';
import { MLOperand } from './operand.js';

/** All that was recorded; operands by the ids that the builder gave them. */
export interface Recording {
  readonly operands: readonly MLOperand[];
  readonly operators: readonly Operator[];
  readonly inputs: ReadonlyMap<string, number>;
  readonly constants: ReadonlyMap<number, ConstantSource>;
  readonly states: ReadonlyMap<string, number>;
}

/** The part of a recording that the outputs and the states depend on, as plain data with ids of its own. */
export function assemble(recording: Recording, outputs: ReadonlyMap<string, number>): Graph {
  const { needed, operators } = reach(recording, outputs.values());
  const ids = new Map<number, number>();
  for (const operand of needed) ids.set(operand, ids.size);
  const named = (entries: ReadonlyMap<string, number>) =>
    [...entries].flatMap(([name, operand]) => (ids.has(operand) ? [{ name, operand: ids.get(operand)! }] : []));
  return {
    operands: needed.map((id) => {
      const { dataType, shape } = recording.operands[id]!;
      return { dataType, shape, label: MLOperand.originOf(recording.operands[id])!.label };
    }),
    operators: operators.map((operator) => ({
      ...operator,
      inputs: operator.inputs.map((operand) => (operand === null ? null : ids.get(operand)!)),
      outputs: operator.outputs.map((operand) => ids.get(operand)!),
    })),
    inputs: named(recording.inputs),
    outputs: named(outputs),
    constants: [...recording.constants].flatMap(([operand, source]) =>
      ids.has(operand) ? [{ operand: ids.get(operand)!, source }] : [],
    ),
    states: named(recording.states),
  };
}

/** Operators are recorded behind what they read, so one pass from the last to the first finds all that is needed. */
function reach(recording: Recording, outputs: Iterable<number>) {
  const wanted = new Set(outputs);
  const operators: Operator[] = [];
  for (const operator of recording.operators.toReversed()) {
    const isWanted = operator.name === 'assign' || operator.outputs.some((operand) => wanted.has(operand));
    if (!isWanted) continue;
    operators.unshift(operator);
    for (const operand of [...operator.inputs, ...operator.outputs]) if (operand !== null) wanted.add(operand);
  }
  return { needed: [...wanted].sort((a, b) => a - b), operators };
}
