import type { Graph, Operator } from '../../graph/graph.js';

/** Operators whose results may be views of what they read, so that later readers read the original. */
const mayAlias: ReadonlySet<string> = new Set([
  'identity',
  'transpose',
  'reshape',
  'expand',
  'slice',
  'split',
  'reverse',
  'concat',
  'tile',
  'pad',
]);

export type Action =
  | { readonly kind: 'operator'; readonly operator: Operator }
  | { readonly kind: 'output'; readonly output: number }
  /** Copies what an operand of a state holds before it is overwritten; the operands named read the copy from here on. */
  | { readonly kind: 'preserve'; readonly state: number; readonly operands: readonly number[] };

interface Node {
  readonly action: Exclude<Action, { kind: 'preserve' }>;
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  /** Of an assign: the operand that stands for the state as it was, and is no more afterwards. */
  readonly overwrites?: number;
}

/**
 * Puts operators and the copying of outputs in an order in which everything reads a state as it was when the graph was
 * built: readers of the old value before the assign. Where that goes round in circles, the old value is preserved.
 */
export function orderActions(graph: Graph): Action[] {
  const nodes = nodesOf(graph);
  const versions = stateVersions(graph);
  const readers = readersOf(nodes, versions);
  const isComputed = new Set(initialOperands(graph));
  const preserved = new Set<number>();
  const actions: Action[] = [];
  let waiting = nodes;
  while (waiting.length > 0) {
    const blocked: Node[] = [];
    for (const node of waiting) {
      const { overwrites } = node;
      const isFree =
        node.reads.every((operand) => isComputed.has(operand)) &&
        (overwrites === undefined || preserved.has(overwrites) || readers.get(overwrites)!.size === 0);
      if (!isFree) {
        blocked.push(node);
        continue;
      }
      actions.push(node.action);
      for (const operand of node.writes) isComputed.add(operand);
      for (const remaining of readers.values()) remaining.delete(node);
    }
    if (blocked.length === waiting.length) {
      // What the first one reads comes before it, so it is an assign whose old value is still wanted.
      const state = blocked[0]!.overwrites!;
      const operands = [...versions].flatMap(([operand, version]) => (version === state ? [operand] : []));
      actions.push({ kind: 'preserve', state, operands });
      preserved.add(state);
    }
    waiting = blocked;
  }
  return actions;
}

function nodesOf(graph: Graph): Node[] {
  const operators = graph.operators.map((operator): Node => {
    const reads = operator.inputs.filter((operand) => operand !== null);
    const node = { action: { kind: 'operator' as const, operator }, reads, writes: operator.outputs };
    return operator.name === 'assign' ? { ...node, overwrites: reads[0]! } : node;
  });
  const outputs = graph.outputs.map(
    ({ operand }, output): Node => ({ action: { kind: 'output', output }, reads: [operand], writes: [] }),
  );
  return [...operators, ...outputs];
}

function initialOperands({ inputs, constants, states }: Graph): number[] {
  return [...inputs, ...constants, ...states].map(({ operand }) => operand);
}

/** For each operand that may be a view of a state: the operand that stands for the state at that time. */
function stateVersions({ operators, states }: Graph): Map<number, number> {
  const versions = new Map(states.map(({ operand }) => [operand, operand]));
  for (const { name, inputs, outputs } of operators) {
    if (name === 'assign') versions.set(outputs[0]!, outputs[0]!);
    const version = inputs[0] === null ? undefined : versions.get(inputs[0]!);
    if (version !== undefined && mayAlias.has(name)) for (const output of outputs) versions.set(output, version);
  }
  return versions;
}

/** For each operand that stands for a state: what reads it, the assign that overwrites it left out. */
function readersOf(nodes: readonly Node[], versions: ReadonlyMap<number, number>): Map<number, Set<Node>> {
  const readers = new Map<number, Set<Node>>();
  for (const version of versions.values()) readers.set(version, new Set());
  for (const node of nodes) {
    for (const operand of node.reads) {
      const version = versions.get(operand);
      if (version !== undefined && version !== node.overwrites) readers.get(version)!.add(node);
    }
  }
  return readers;
}
