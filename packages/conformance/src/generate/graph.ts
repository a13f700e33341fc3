import { type Graph, MLGraphBuilder, opSupportLimits } from '@halyard/core';
import { elementwiseGenerators } from './graph/elementwise.js';
import { indexingGenerators } from './graph/indexing.js';
import { layoutGenerators } from './graph/layout.js';
import { productGenerators } from './graph/products.js';
import { reductionGenerators } from './graph/reductions.js';
import { GraphWorkshop } from './graph/workshop.js';
import { Random } from './random.js';

/** A graph and what to run it on. */
export interface GraphCase {
  readonly name: string;
  readonly graph: Graph;
  /** The bytes of each input and state, by its name. */
  readonly data: ReadonlyMap<string, Uint8Array>;
}

const families = [
  elementwiseGenerators,
  elementwiseGenerators,
  layoutGenerators,
  reductionGenerators,
  productGenerators,
  indexingGenerators,
];

/**
 * A random graph, made through MLGraphBuilder, the same for the same seed: every operator, all data types, rank 0 to 5,
 * empty dimensions, states, operators said in those that they are made of.
 *
 * @param operators the most of them, about
 */
export async function generateGraph(seed: number, operators = 8): Promise<GraphCase> {
  let captured: Graph | undefined;
  const builder = new MLGraphBuilder({
    opSupportLimits: () => opSupportLimits(),
    compile: (graph) => {
      captured = graph;
      return Promise.reject(new Error('This graph is compiled elsewhere.'));
    },
  });
  const random = new Random(seed);
  const workshop = new GraphWorkshop(random, builder, random.chance(0.25) ? 'edge' : 'plain');
  for (let i = random.integer(1, operators); i > 0; i--) random.pick(random.pick(families))(workshop);
  // What was drawn may have found nothing to do.
  if (!workshop.hasResults) workshop.made(builder.neg(workshop.fresh('float32', [3])));
  const results = workshop.results();
  await builder
    .build(Object.fromEntries(results.map((operand, index) => [`output ${index}`, operand])))
    .catch((error) => {
      if (!captured) throw error;
    });
  return { name: `graph ${seed}`, graph: captured!, data: workshop.data };
}
