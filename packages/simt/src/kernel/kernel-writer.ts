import { type KernelArgument, type Tensor, type TensorMap, typeLayouts } from '@halyard/core';
import { storedNames } from '../expression/data-types.js';
import type { Target } from '../target/target.js';
import type { Helper } from './helper.js';
import { tensorMapHelper } from './tensor-map.js';
import { overlaps } from './tensor-memory.js';

/** A kernel as text. Kernels with the same text and helpers are the same. */
export interface KernelText {
  /** What it does, for the name of its entry. */
  readonly purpose: string;
  /** Parameters and body, without the name. */
  readonly parameters: readonly string[];
  readonly body: string;
  /** Threads of a block, and perhaps blocks that a multiprocessor should hold. */
  readonly bounds: readonly number[];
  /** Blocks beside each other along x that run at the same time and share what they load; 1: none. */
  readonly clusterBlocks: number;
  readonly helpers: readonly Helper[];
  /** `scratch` and `packed` count from the step's own first. */
  readonly arguments: readonly KernelArgument[];
}

/** What a kernel is written about. */
export interface KernelScene {
  readonly target: Target;
  readonly tensors: readonly Tensor[];
  /** Tensors that the step writes: what overlaps them in memory is not read through the read-only cache. */
  readonly written: readonly number[];
}

/** Writes the text of one kernel: its lines, the parameters they use and the helpers they need. */
export class KernelWriter {
  readonly #lines: string[] = [];
  readonly #helpers = new Set<Helper>();
  readonly #parameters = new Map<string, { declaration: string; name: string; argument: KernelArgument }>();
  /** See {@link KernelText}. */
  clusterBlocks = 1;
  #names = 0;
  #depth = 1;

  constructor(readonly scene: KernelScene) {}

  tensor(index: number): Tensor {
    return this.scene.tensors[index]!;
  }

  need(helper: Helper): void {
    this.#helpers.add(helper);
  }

  /** A call of the function that bears a helper's name. */
  call(helper: Helper, ...given: readonly string[]): string {
    this.need(helper);
    return `${helper.name}(${given.join(', ')})`;
  }

  line(...texts: readonly string[]): void {
    for (const text of texts) {
      for (const part of text.split('\n')) {
        this.#lines.push(part.startsWith('#') ? part : `${'  '.repeat(this.#depth)}${part}`);
      }
    }
  }

  /** `header { … }` */
  block(header: string, inside: () => void): void {
    this.line(`${header} {`.trimStart());
    this.#depth++;
    inside();
    this.#depth--;
    this.line('}');
  }

  /** `for (int lane = 0; lane < count; ++lane)`, unrolled. */
  loop(variable: string, count: number | string, inside: () => void): void {
    this.line('#pragma unroll');
    this.block(`for (int ${variable} = 0; ${variable} < ${count}; ++${variable})`, inside);
  }

  /** A name that occurs nowhere else in the kernel. */
  name(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  /** A constant with a name. */
  define(type: string, prefix: string, code: string): string {
    const name = this.name(prefix);
    this.line(`const ${type} ${name} = ${code};`);
    return name;
  }

  /**
   * The pointer to a tensor's first element, of the C type of its memory. A parameter of the kernel; where a tensor
   * begins within its binding is part of the code.
   */
  pointer(index: number): string {
    const tensor = this.tensor(index);
    const { scene } = this;
    const isWritten = scene.written.some((other) => overlaps(tensor, scene.tensors[other]!));
    const type = storedNames[tensor.type];
    const argument: KernelArgument =
      typeof tensor.at === 'object'
        ? { kind: 'binding', binding: tensor.at.binding }
        : { kind: 'workspace', offset: tensor.offset };
    const name = isWritten
      ? this.parameter(`${type}*`, argument)
      : this.parameter(`const ${type}* __restrict__`, argument);
    if (typeof tensor.at !== 'object' || tensor.offset === 0) return name;
    const size = typeLayouts[tensor.type].elements > 1 ? 1 : typeLayouts[tensor.type].bytes;
    return `(${name} + ${tensor.offset / size})`;
  }

  /** A pointer into the step's own scratch memory. */
  scratch(type: string, offset: number): string {
    return this.parameter(`${type}*`, { kind: 'scratch', offset });
  }

  /** The address of a tensor's description, for bulk copies. */
  tensorMap(index: number, map: Omit<TensorMap, 'memory'>): string {
    const { at, offset } = this.tensor(index);
    const memory =
      typeof at === 'object' ? ({ kind: 'binding', ...at } as const) : ({ kind: 'workspace', offset } as const);
    const start = typeof at === 'object' ? offset : 0;
    this.need(tensorMapHelper);
    const argument: KernelArgument = { kind: 'tensor-map', map: { memory, ...map, offset: start + map.offset } };
    return `&${this.parameter('const __grid_constant__ TensorMap', argument)}`;
  }

  parameter(type: string, argument: KernelArgument): string {
    const key = `${type} ${JSON.stringify(argument)}`;
    let found = this.#parameters.get(key);
    if (!found) {
      const name = `p${this.#parameters.size}`;
      this.#parameters.set(key, (found = { declaration: `${type} ${name}`, name, argument }));
    }
    return found.name;
  }

  finish(purpose: string, ...bounds: readonly number[]): KernelText {
    const parameters = [...this.#parameters.values()];
    return {
      purpose,
      parameters: parameters.map(({ declaration }) => declaration),
      body: this.#lines.join('\n'),
      bounds,
      clusterBlocks: this.clusterBlocks,
      helpers: [...this.#helpers],
      arguments: parameters.map(({ argument }) => argument),
    };
  }
}
