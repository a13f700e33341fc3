import { basename } from 'node:path';
import { type ConstantSource, type FilePart, HalyardError, type Type, typeLayouts } from '@halyard/core';

/** One tensor of a model file: where it lies, never its bytes. Plain data: it crosses threads. */
export interface WeightTensor {
  readonly name: string;
  /** A type of Halyard's, or the file's own name for one that cannot be computed with. */
  readonly type: Type | { readonly unsupported: string };
  /** Outermost dimension first. */
  readonly shape: readonly number[];
  readonly part: FilePart;
}

/** A weight that can be computed with. */
export interface Weight {
  readonly name: string;
  readonly type: Type;
  readonly shape: readonly number[];
  readonly source: ConstantSource;
}

/** The tensors of a model by name, over one file or several. */
export class Weights {
  readonly #tensors = new Map<string, WeightTensor>();
  readonly #identity: string;

  /** @param identity changes when the bytes of any of the files change */
  constructor(tensors: readonly WeightTensor[], identity: string) {
    this.#identity = identity;
    for (const tensor of tensors) this.#tensors.set(tensor.name, tensor);
  }

  get names(): readonly string[] {
    return [...this.#tensors.keys()];
  }

  /** Bytes of all tensors together. */
  get bytes(): number {
    let sum = 0;
    for (const { part } of this.#tensors.values()) sum += part.bytes;
    return sum;
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /**
   * @param shape what the architecture expects, outermost dimension first
   * @throws HalyardError `bad-file` if it is not there or of another shape, `unsupported` for its type
   */
  get(name: string, shape: readonly number[]): Weight {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) {
      throw new HalyardError('bad-file', {
        found: `The model has no tensor ${name}`,
        expected: `${name} of shape [${shape.join(', ')}]`,
        remedy: 'Use a complete model of this architecture; adapters and split files cannot be loaded alone',
      });
    }
    const { type, part } = tensor;
    if (typeof type !== 'string') {
      throw new HalyardError('unsupported', {
        found: `Tensor ${name} has the type ${type.unsupported}`,
        expected: `one of ${computable.join(', ')}`,
        remedy: 'Choose a file quantized to Q4_0, Q4_1, Q8_0, Q4_K_M or F16',
      });
    }
    if (tensor.shape.length !== shape.length || tensor.shape.some((extent, axis) => extent !== shape[axis])) {
      throw new HalyardError('bad-file', {
        found: `Tensor ${name} has the shape [${tensor.shape.join(', ')}]`,
        expected: `[${shape.join(', ')}], by the hyperparameters that the file states`,
        remedy: 'Fetch the file again, or convert the model anew',
      });
    }
    const fingerprint = `${this.#identity}/${basename(part.path)}:${part.offset}+${part.bytes}`;
    return { name, type, shape: tensor.shape, source: { fingerprint, parts: [part] } };
  }

  /** The shape of a tensor as the file states it, to derive a size from. */
  shapeOf(name: string): readonly number[] | undefined {
    return this.#tensors.get(name)?.shape;
  }
}

const computable = ['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0', 'Q4_1', 'Q4_K', 'Q6_K'];

/**
 * Several matrices of one type and width one below another, as one. `undefined` if their types differ: then they cannot
 * share one constant.
 */
export function concatenateRows(weights: readonly Weight[]): Weight | undefined {
  const [first] = weights;
  if (first === undefined || weights.some(({ type }) => type !== first.type)) return undefined;
  const rank = first.shape.length;
  if (weights.some(({ shape }) => shape.length !== rank || shape.slice(1).some((n, i) => n !== first.shape[i + 1]))) {
    return undefined;
  }
  // A row of a matrix takes whole blocks and ends at a byte; a vector must not end inside of one.
  if (rank === 1 && typeLayouts[first.type].elements !== 1) return undefined;
  return {
    name: weights.map(({ name }) => name).join('+'),
    type: first.type,
    shape: [weights.reduce((sum, { shape }) => sum + shape[0]!, 0), ...first.shape.slice(1)],
    source: {
      fingerprint: weights.map(({ source }) => source.fingerprint).join('|'),
      parts: weights.flatMap(({ source }) => source.parts),
    },
  };
}
