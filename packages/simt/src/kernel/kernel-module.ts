import type { Dialect } from '../dialect/index.js';
import { type Helper, printHelpers } from './helper.js';
import type { KernelText } from './kernel-writer.js';

/** One source with the kernels of a program; those of the same text are one. */
export class KernelModule {
  readonly #names = new Map<string, string>();
  readonly #texts: string[] = [];
  readonly #helpers = new Set<Helper>();

  constructor(readonly dialect: Dialect) {}

  /** @returns the name of the kernel's entry */
  add(kernel: KernelText): string {
    const { purpose, parameters, body, bounds, clusterBlocks } = kernel;
    const text = `(${parameters.join(', ')}) {\n${body}\n}`;
    const cluster = clusterBlocks > 1 ? `__cluster_dims__(${clusterBlocks}, 1, 1) ` : '';
    const key = `${purpose} ${cluster}${bounds.join()} ${text}`;
    const known = this.#names.get(key);
    if (known) return known;
    const name = `${purpose}_${this.#names.size}`;
    this.#names.set(key, name);
    this.#texts.push(`extern "C" __global__ void ${cluster}__launch_bounds__(${bounds.join(', ')}) ${name}${text}`);
    for (const helper of kernel.helpers) this.#helpers.add(helper);
    return name;
  }

  get isEmpty(): boolean {
    return this.#texts.length === 0;
  }

  print(): string {
    const parts = [this.dialect.header, ...printHelpers(this.#helpers, this.dialect), ...this.#texts];
    return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
  }
}
