import { type BuilderContext, type Graph, MLGraphBuilder, type MLNamedOperands, opSupportLimits } from '@halyard/core';

/** A context that compiles nothing and keeps the graph that it was handed. */
export class RecordingContext implements BuilderContext {
  graph: Graph | undefined;

  opSupportLimits() {
    return opSupportLimits();
  }

  compile(graph: Graph) {
    this.graph = graph;
    return Promise.resolve({
      explain() {
        throw new Error('nothing was compiled');
      },
      destroy() {},
    });
  }
}

export function newBuilder(): MLGraphBuilder {
  return new MLGraphBuilder(new RecordingContext());
}

/** The graph that a builder makes of what `build` gives it. */
export async function record(build: (builder: MLGraphBuilder) => MLNamedOperands): Promise<Graph> {
  const context = new RecordingContext();
  const builder = new MLGraphBuilder(context);
  await builder.build(build(builder));
  return context.graph!;
}
