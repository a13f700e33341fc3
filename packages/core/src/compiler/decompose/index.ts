import { HalyardError } from '../../contract/index.js';
import type { Graph } from '../../graph/graph.js';
import type { Module } from '../module.js';
import type { PrecisionPolicy } from '../precision.js';
import { attentionLowerings } from './attention.js';
import { compositionLowerings } from './composition.js';
import { elementwiseLowerings } from './elementwise.js';
import { generatedLowerings } from './generated.js';
import { indexingLowerings } from './indexing.js';
import { layoutLowerings } from './layout.js';
import { matmulLowerings } from './matmul.js';
import { ModuleWriter } from './module-writer.js';
import { normalizationLowerings } from './normalization.js';
import { type Lowering, type OperandViews, OperatorScope } from './operator-scope.js';
import { type Action, orderActions } from './order.js';
import { quantizationLowerings } from './quantization.js';
import { reductionLowerings } from './reduction.js';
import { stateLowerings } from './state.js';

/** How each operator becomes steps, by its name. */
export const lowerings: ReadonlyMap<string, Lowering> = new Map(
  [
    attentionLowerings,
    compositionLowerings,
    elementwiseLowerings,
    generatedLowerings,
    indexingLowerings,
    layoutLowerings,
    matmulLowerings,
    normalizationLowerings,
    quantizationLowerings,
    reductionLowerings,
    stateLowerings,
  ].flatMap((family) => Object.entries(family)),
);

/**
 * Says a graph in steps: operators that only arrange elements vanish into views, all that is computed element by
 * element becomes maps, named outputs are written by copies.
 *
 * @throws HalyardError `unsupported` for an operator that is not known, `bad-argument` where blocks of a quantized
 * constant are cut apart
 */
export function decompose(graph: Graph, policy: PrecisionPolicy): Module {
  const module = new ModuleWriter();
  const views: OperandViews = { read: new Map(), states: new Map() };
  declare(graph, module, views);
  for (const action of orderActions(graph)) perform(action, graph, policy, module, views);
  return module.finish();
}

/** Tensors for what there is before the first step. */
function declare(graph: Graph, module: ModuleWriter, views: OperandViews): void {
  const { inputs, constants, states, operands } = graph;
  for (const [kind, named] of [['input', inputs] as const, ['state', states] as const]) {
    for (const { name, operand } of named) {
      const { dataType, shape, label } = operands[operand]!;
      views.read.set(operand, module.tensor(dataType, shape, { kind, name }, label));
      if (kind === 'state') views.states.set(operand, views.read.get(operand)!);
    }
  }
  for (const { operand, source } of constants) {
    const { dataType, shape, label } = operands[operand]!;
    views.read.set(operand, module.tensor(dataType, shape, { kind: 'constant', source }, label));
  }
}

function perform(
  action: Action,
  graph: Graph,
  policy: PrecisionPolicy,
  module: ModuleWriter,
  views: OperandViews,
): void {
  switch (action.kind) {
    case 'operator': {
      const lower = lowerings.get(action.operator.name) ?? rejectUnknown(action.operator.name);
      lower(new OperatorScope(module, policy, action.operator, graph, views));
      return;
    }
    case 'output': {
      const { name, operand } = graph.outputs[action.output]!;
      const { shape, label } = graph.operands[operand]!;
      const view = views.read.get(operand)!;
      const output = module.tensor(module.dataType(view), shape, { kind: 'output', name }, name);
      module.copy(view, output, [label]);
      return;
    }
    case 'preserve': {
      const state = views.states.get(action.state)!;
      const { label } = graph.operands[action.state]!;
      const copy = module.temporary(module.dataType(state), state.shape, `${label}, before`);
      module.copy(state, copy, [label]);
      for (const operand of action.operands) {
        const view = views.read.get(operand);
        // Both are dense and of one shape, so what was a view of the one is the same view of the other.
        if (view?.tensor === state.tensor) views.read.set(operand, { ...view, tensor: copy.tensor });
      }
      return;
    }
  }
}

function rejectUnknown(name: string): never {
  throw new HalyardError('unsupported', {
    found: `the operator ${name}`,
    expected: `one of ${[...lowerings.keys()].sort().join(', ')}`,
    remedy: 'Build the graph with the MLGraphBuilder of this version.',
  });
}
