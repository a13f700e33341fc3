import { byteLength, decompose, defaultPrecision, type Graph, type Module, type Type } from '@halyard/core';
import { evaluate } from '../../../src/reference/index.js';
import { bytesOf, type Values, valuesOf } from '../../reference/harness.js';

export type Named = Readonly<Record<string, Values>>;

/** Values of float16 and bfloat16 tensors are their bits. */
export interface Run {
  readonly module: Module;
  readonly outputs: Named;
  /** What the states hold afterwards. */
  readonly states: Named;
}

/** Decomposes a graph and runs its steps with the reference interpreter. States start at zero if not given. */
export function evaluateGraph(graph: Graph, given: Named = {}): Run {
  const module = decompose(graph, defaultPrecision);
  const memory = module.tensors.map(({ type, shape, origin }) => {
    if (origin.kind === 'constant')
      return concatenated(origin.source.parts as readonly { readonly data: Uint8Array }[]);
    const values = origin.kind === 'input' || origin.kind === 'state' ? given[origin.name] : undefined;
    if (values) return bytesOf({ type, shape, values });
    if (origin.kind === 'input') throw new Error(`no values for the input ${origin.name}`);
    return new Uint8Array(byteLength(type, shape));
  });
  evaluate(module.tensors, module.steps, (tensor) => memory[tensor]!);
  const named = (kind: 'output' | 'state') =>
    Object.fromEntries(
      module.tensors.flatMap(({ type, origin }, tensor) =>
        origin.kind === kind ? [[origin.name, valuesOf(type as Type, memory[tensor]!)]] : [],
      ),
    );
  return { module, outputs: named('output'), states: named('state') };
}

function concatenated(parts: readonly { readonly data: Uint8Array }[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.map(({ data }) => data)));
}
