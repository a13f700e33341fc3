import type { Step } from '../../contract/index.js';
import type { Module, ModuleTensor } from '../module.js';
import { contiguous } from '../views.js';

/** One program in the making. Tensors keep the numbers of the module that it is a part of; new ones come behind. */
export class Part {
  readonly #tensors: ModuleTensor[];
  readonly #before: Step[] = [];
  readonly #behind: Step[] = [];
  readonly #exports = new Map<number, string>();

  constructor(
    tensors: readonly ModuleTensor[],
    readonly device: number,
    private readonly steps: readonly Step[],
  ) {
    this.#tensors = [...tensors];
  }

  /** The tensor is read alone, and comes in from elsewhere. */
  receive(tensor: number, name: string): void {
    this.#tensors[tensor] = { ...this.#tensors[tensor]!, origin: { kind: 'input', name } };
  }

  /** The tensor is written, too: it starts as a copy of what comes in. */
  receiveInto(tensor: number, name: string): void {
    const copy = this.#add(tensor, { kind: 'input', name });
    this.#before.push(this.#copy(copy, tensor));
  }

  /** A tensor that lives elsewhere is worked on in memory of this program. */
  makeLocal(tensor: number): void {
    this.#tensors[tensor] = { ...this.#tensors[tensor]!, origin: { kind: 'temporary' } };
  }

  /** What a temporary holds in the end goes out under this name. */
  send(tensor: number, name: string): void {
    if (this.#exports.has(tensor)) return;
    this.#exports.set(tensor, name);
    const { origin } = this.#tensors[tensor]!;
    if (origin.kind === 'temporary') {
      this.#tensors[tensor] = { ...this.#tensors[tensor]!, origin: { kind: 'output', name } };
    } else {
      this.#behind.push(this.#copy(tensor, this.#add(tensor, { kind: 'output', name })));
    }
  }

  toModule(): Module {
    return { tensors: this.#tensors, steps: [...this.#before, ...this.steps, ...this.#behind] };
  }

  #add(like: number, origin: ModuleTensor['origin']): number {
    return this.#tensors.push({ ...this.#tensors[like]!, origin }) - 1;
  }

  #copy(from: number, to: number): Step {
    const { shape, label } = this.#tensors[from]!;
    return {
      kind: 'map',
      inputs: [contiguous(from, shape)],
      outputs: [contiguous(to, shape)],
      attributes: {},
      epilogue: { inputs: [], body: [], results: [0] },
      after: [],
      origin: [label ?? 'transfer'],
    };
  }
}
