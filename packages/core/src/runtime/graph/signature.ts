import { byteLength, type Type } from '../../contract/index.js';
import type { Graph } from '../../graph/graph.js';
import { badArgument, destroyed } from '../errors.js';
import { MLTensor, type TensorMemory } from '../tensor.js';

export interface Slot {
  readonly role: 'input' | 'output' | 'state';
  readonly name: string;
  readonly dataType: Type;
  readonly shape: readonly number[];
}

export type MLNamedTensors = Readonly<Record<string, MLTensor>>;

/** What has to be handed to a dispatch: inputs, then outputs, then states, each in the order in which they were named. */
export class Signature {
  readonly slots: readonly Slot[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly states: readonly string[];

  constructor(slots: readonly Slot[]) {
    const names = (role: Slot['role']) => slots.filter((slot) => slot.role === role).map(({ name }) => name);
    this.inputs = names('input');
    this.outputs = names('output');
    this.states = names('state');
    const order = ['input', 'output', 'state'];
    this.slots = [...slots].sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role));
  }

  static of(graph: Graph): Signature {
    const slots = (role: Slot['role'], named: Graph['inputs']) =>
      named.map(({ name, operand }): Slot => {
        const { dataType, shape } = graph.operands[operand]!;
        return { role, name, dataType, shape };
      });
    return new Signature([
      ...slots('input', graph.inputs),
      ...slots('output', graph.outputs),
      ...slots('state', graph.states),
    ]);
  }

  /**
   * The memory for each slot, checked.
   *
   * @throws HalyardError `bad-argument` or `destroyed`
   */
  check(
    inputs: MLNamedTensors,
    outputs: MLNamedTensors,
    states: MLNamedTensors,
    isOwn: (memory: TensorMemory) => boolean,
  ) {
    const given = { input: inputs, output: outputs, state: states };
    const names = { input: this.inputs, output: this.outputs, state: this.states };
    for (const role of ['input', 'output', 'state'] as const) {
      const unknown = Object.keys(given[role]).find((name) => !names[role].includes(name));
      if (unknown === undefined) continue;
      throw badArgument(
        `The ${role} "${unknown}" is not one of the graph's`,
        names[role].length === 0 ? `no ${role}s` : `${role}s ${names[role].map((name) => `"${name}"`).join(', ')}`,
        'Leave it out, or correct its name.',
      );
    }
    const memories = this.slots.map((slot) => checkTensor(slot, given[slot.role][slot.name], isOwn));
    this.#checkOverlap(memories);
    return memories;
  }

  #checkOverlap(memories: readonly TensorMemory[]): void {
    const seen = new Map<TensorMemory, Slot>();
    for (const [index, memory] of memories.entries()) {
      const slot = this.slots[index]!;
      const other = seen.get(memory);
      seen.set(memory, other ?? slot);
      if (!other || (other.role === 'input' && slot.role === 'input')) continue;
      throw badArgument(
        `One tensor is both ${other.role} "${other.name}" and ${slot.role} "${slot.name}"`,
        'a tensor of its own for everything that is written',
        'Create another tensor.',
      );
    }
  }
}

function checkTensor(slot: Slot, tensor: unknown, isOwn: (memory: TensorMemory) => boolean): TensorMemory {
  const what = `${slot.role} "${slot.name}"`;
  const expected = `a tensor of ${slot.dataType}[${slot.shape}]`;
  if (tensor === undefined)
    throw badArgument(`There is no tensor for ${what}`, expected, `Pass one under "${slot.name}".`);
  if (!(tensor instanceof MLTensor))
    throw badArgument(`The ${what} is no tensor`, expected, 'Pass what createTensor gave.');
  const memory = MLTensor.memoryOf(tensor);
  if (!memory) {
    throw badArgument(`The ${what} is a constant tensor`, expected, 'Hand it to MLGraphBuilder.constant instead.');
  }
  if (!isOwn(memory)) {
    throw badArgument(
      `The tensor for ${what} belongs to another context`,
      expected,
      'Create it in the context of the graph.',
    );
  }
  if (memory.isDestroyed) throw destroyed(`The tensor for ${what}`);
  const hasShape =
    memory.shape.length === slot.shape.length && memory.shape.every((size, axis) => size === slot.shape[axis]);
  if (memory.dataType !== slot.dataType || !hasShape) {
    throw badArgument(
      `The tensor for ${what} is ${memory.dataType}[${memory.shape}] (${byteLength(memory.dataType, memory.shape)} bytes)`,
      expected,
      'Create one with the data type and shape of the operand.',
    );
  }
  return memory;
}
