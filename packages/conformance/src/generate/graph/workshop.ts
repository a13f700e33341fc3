import type { ElementType, MLGraphBuilder, MLOperand } from '@halyard/core';
import type { Random } from '../random.js';
import { type Flavour, randomBytes, storedBytes } from '../values.js';

/** Where a random graph is put together. */
export class GraphWorkshop {
  /** All that was made so far. */
  readonly pool: MLOperand[] = [];
  /** The bytes of inputs and states, by name. */
  readonly data = new Map<string, Uint8Array>();
  readonly #consumed = new Set<MLOperand>();
  readonly #made = new Set<MLOperand>();

  constructor(
    readonly random: Random,
    readonly builder: MLGraphBuilder,
    readonly flavour: Flavour,
  ) {}

  /** A new input, or constant, of random contents. */
  fresh(dataType: ElementType, shape: readonly number[], flavour = this.flavour): MLOperand {
    const bytes = randomBytes(this.random, dataType, shape, flavour);
    if (this.random.chance(0.35))
      return this.#keep(this.builder.constant({ dataType, shape }, bytes.buffer as ArrayBuffer));
    const name = `input ${this.data.size}`;
    this.data.set(name, bytes);
    return this.#keep(this.builder.input(name, { dataType, shape }));
  }

  /** An input of given values. */
  given(dataType: ElementType, shape: readonly number[], values: readonly number[]): MLOperand {
    const name = `input ${this.data.size}`;
    this.data.set(name, storedBytes(dataType, values));
    return this.builder.input(name, { dataType, shape });
  }

  /** A state of random contents. */
  state(dataType: ElementType, shape: readonly number[]): MLOperand {
    const name = `state ${this.data.size}`;
    this.data.set(name, randomBytes(this.random, dataType, shape, this.flavour));
    return this.builder.state(name, { dataType, shape });
  }

  /** Something made before that is of one of the types and fits, or something new. */
  some(
    types: readonly ElementType[],
    fits: (shape: readonly number[]) => boolean,
    shape: () => readonly number[],
  ): MLOperand {
    const fitting = this.pool.filter(
      (operand) => types.includes(operand.dataType as ElementType) && fits(operand.shape),
    );
    // Mostly one of the last, so that chains get deep.
    if (fitting.length > 0 && this.random.chance(0.85)) {
      return this.use(this.random.chance(0.6) ? fitting.at(-1)! : this.random.pick(fitting));
    }
    return this.use(this.fresh(this.random.pick(types), shape()));
  }

  /** Something of that very type and shape. */
  exactly(dataType: ElementType, shape: readonly number[], flavour = this.flavour): MLOperand {
    const fitting = this.pool.filter(
      (operand) => operand.dataType === dataType && operand.shape.join() === shape.join(),
    );
    if (fitting.length > 0 && this.random.chance(0.6)) return this.use(this.random.pick(fitting));
    return this.use(this.fresh(dataType, shape, flavour));
  }

  /** What an operator gave. */
  made(...operands: readonly MLOperand[]): void {
    for (const operand of operands) {
      this.#keep(operand);
      this.#made.add(operand);
    }
  }

  use(operand: MLOperand): MLOperand {
    this.#consumed.add(operand);
    return operand;
  }

  /** Whether any operator was added. What was added last is read by nothing. */
  get hasResults(): boolean {
    return [...this.#made].some((operand) => !this.#consumed.has(operand));
  }

  /** All that nothing else reads, and now and then something in between. */
  results(): MLOperand[] {
    return [...this.#made].filter((operand) => !this.#consumed.has(operand) || this.random.chance(0.1));
  }

  #keep(operand: MLOperand): MLOperand {
    this.pool.push(operand);
    return operand;
  }
}

/** A shape that broadcasts to another: some extents 1, some leading ones left out. */
export function broadcastable(random: Random, shape: readonly number[]): number[] {
  const ones = shape.map((extent) => (random.chance(0.2) ? 1 : extent));
  return random.chance(0.25) ? ones.slice(random.integer(0, ones.length)) : ones;
}
