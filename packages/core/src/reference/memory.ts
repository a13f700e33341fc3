import { byteLength, type Program, type Tensor } from '../contract/index.js';
import { badProgram } from './failures.js';

/** The tensors of a program and where their bytes are. */
export interface Memory {
  readonly tensors: readonly Tensor[];
  /** Exactly the bytes of a tensor. */
  bytes(tensor: number): Uint8Array;
}

/**
 * Memory of one run. Tensors inside of a composite's body get memory of their own, zeroed, at first use.
 *
 * @throws HalyardError `bad-program` if a tensor lies outside of its binding or the workspace
 */
export function programMemory(
  program: Pick<Program, 'tensors'>,
  bindings: readonly Uint8Array[],
  workspace: Uint8Array,
): Memory {
  const found = new Map<number, Uint8Array>();
  const locate = (index: number): Uint8Array => {
    const tensor = program.tensors[index];
    if (!tensor) throw badProgram(`a view of tensor ${index}`, `an index below ${program.tensors.length}`);
    const length = byteLength(tensor.type, tensor.shape);
    if (tensor.at === 'none') return new Uint8Array(length);
    const holder = tensor.at === 'workspace' ? workspace : bindings[tensor.at.binding];
    if (!holder || tensor.offset < 0 || tensor.offset + length > holder.length) {
      throw badProgram(
        `tensor ${index} at bytes ${tensor.offset} to ${tensor.offset + length} of ${holder ? `${holder.length}` : 'a binding that is not there'}`,
        'each tensor inside its binding or the workspace',
      );
    }
    return holder.subarray(tensor.offset, tensor.offset + length);
  };
  return {
    tensors: program.tensors,
    bytes(index) {
      let bytes = found.get(index);
      if (!bytes) found.set(index, (bytes = locate(index)));
      return bytes;
    },
  };
}
