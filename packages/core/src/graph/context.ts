import type { Explanation } from '../compiler/explain.js';
import type { Graph } from './graph.js';
import type { OpSupportLimits } from './support-limits.js';

/** What a builder needs of a context. */
export interface BuilderContext {
  opSupportLimits(): OpSupportLimits;
  compile(graph: Graph): Promise<MLGraph>;
}

/** A graph that is compiled for its context, ready to be dispatched. */
export interface MLGraph {
  /** What was fused, planned, placed and chosen, and why. */
  explain(): Explanation;
  /** Gives its resources back once what is in flight is done. */
  destroy(): void;
}
