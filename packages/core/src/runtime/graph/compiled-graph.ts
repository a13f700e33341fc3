import type { Explanation } from '../../compiler/explain.js';
import type { MLGraph } from '../../graph/context.js';
import type { GraphRuntime } from './graph-runtime.js';

const collected = new FinalizationRegistry<GraphRuntime>((runtime) => runtime.destroy());

/**
 * A graph that is compiled for its context. Graphs that are forgotten are destroyed when they are collected, which may
 * be late.
 *
 * @see https://www.w3.org/TR/webnn/#api-mlgraph
 */
export class CompiledGraph implements MLGraph {
  readonly #runtime: GraphRuntime;

  /** @internal Graphs come from `MLGraphBuilder.build`. */
  constructor(runtime: GraphRuntime) {
    this.#runtime = runtime;
    collected.register(this, runtime, runtime);
  }

  explain(): Explanation {
    return this.#runtime.explain();
  }

  destroy(): void {
    collected.unregister(this.#runtime);
    this.#runtime.destroy();
  }

  /** @internal */
  static runtimeOf(graph: unknown): GraphRuntime | undefined {
    return typeof graph === 'object' && graph !== null && #runtime in graph ? graph.#runtime : undefined;
  }
}
