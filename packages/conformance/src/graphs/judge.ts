import type { CompileDevice, Graph, Program, Tensor } from '@halyard/core';
import { interpretWithBounds } from '../bounds/interpret.js';
import { compareTensors, mismatchError } from '../compare.js';
import type { GraphCase } from '../generate/graph.js';
import type { ProgramCase } from '../generate/program-builder.js';
import { planFor, programCase } from './plan-case.js';

/** What a program left in its outputs and states, by name, and how far others may be from it. */
export type Results = ReadonlyMap<string, { readonly bytes: Uint8Array; readonly bounds: Float64Array }>;

/** Runs a program by the reference. */
export function referenceResults({ program, data }: ProgramCase): Results {
  const bindings = data.map((bytes) => bytes.slice());
  const bounds = interpretWithBounds(program, bindings);
  return named(program, (index) => ({ bytes: bindings[index]!, bounds: bounds[index]! }));
}

/** What a device left in a program's bindings. */
export function deviceResults(program: Program, found: readonly Uint8Array[]): Results {
  return named(program, (index) => ({ bytes: found[index]!, bounds: new Float64Array(found[index]!.length) }));
}

function named<Item>(program: Program, of: (index: number) => Item): ReadonlyMap<string, Item> {
  return new Map(
    program.bindings.flatMap((binding, index) =>
      binding.role === 'output' || binding.role === 'state' ? [[binding.name, of(index)] as const] : [],
    ),
  );
}

/**
 * Compares what two programs of one graph gave. Each may be off by its own bounds.
 *
 * @throws HalyardError for the worst element beyond them
 */
export function compareResults(given: GraphCase, what: string, found: Results, expected: Results): void {
  for (const { name, tensor } of results(given.graph)) {
    const [left, right] = [found.get(name), expected.get(name)];
    if (!left && !right) continue;
    if (!left || !right) throw new Error(`${given.name}, ${what}: ${name} is there in one program alone.`);
    const bounds = right.bounds.map((bound, i) => bound + left.bounds[i]!);
    const mismatch = compareTensors(tensor, left.bytes, right.bytes, bounds);
    if (mismatch) throw mismatchError(`${given.name}, ${what}`, { binding: name, ...mismatch });
  }
}

function results(graph: Graph): { readonly name: string; readonly tensor: Tensor }[] {
  return [...graph.outputs, ...graph.states].map(({ name, operand }) => {
    const { dataType: type, shape } = graph.operands[operand]!;
    return { name, tensor: { type, shape, at: { binding: 0 }, offset: 0 } };
  });
}

/**
 * Compiles a graph with and without fusion and compares what the reference makes of both.
 *
 * @throws HalyardError if they differ by more than rounding may
 */
export function judgeFusion(given: GraphCase, device: CompileDevice): void {
  const [fused, unfused] = (['on', 'off'] as const).map((fusion) => {
    const { programs } = planFor(given, device, fusion);
    if (programs.length === 0) return undefined;
    return referenceResults(programCase(given, programs[0]!));
  });
  if (fused && unfused) compareResults(given, 'fused against unfused', fused, unfused);
}
