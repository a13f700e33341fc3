import {
  type AdapterLimits,
  type Binding,
  byteLength,
  type ConstantSource,
  type Program,
  type Step,
  type Tensor,
} from '../contract/index.js';
import { readsOf, withTensors } from './accesses.js';
import { dependences } from './dependences.js';
import { type Extent, extentsOf, inPlacePairs } from './in-place.js';
import type { MemoryPlanOptions } from './memory-plan.js';
import type { Module, ModuleTensor } from './module.js';
import { planMemory } from './plan-memory.js';
import { programOverlap } from './program-overlap.js';
import { requiredVersion } from './since.js';

export interface Lowered {
  readonly program: Program;
  /** The sources of the constant bindings, by fingerprint. */
  readonly constants: Readonly<Record<string, ConstantSource>>;
  readonly memory: { readonly naiveBytes: number; readonly plannedBytes: number; readonly lowerBoundBytes: number };
}

/**
 * Gives every tensor its place in memory and every step what it waits for: named tensors in bindings, temporaries at
 * planned offsets of one workspace, in place where an operand dies. `after` also holds the dependences that the reuse
 * of memory brings about.
 */
export function lower(module: Module, limits: AdapterLimits, options?: MemoryPlanOptions): Lowered {
  const used = usedTensors(module);
  const numbers = new Map(used.map((tensor, at) => [tensor, at]));
  const { bindings, constants, bindingOf } = bindTensors(module, used);
  const extents = extentsOf(module);
  const pairs = limits.inPlace ? inPlacePairs(module, extents) : new Map<number, number>();
  const { offsets, memory } = placeTemporaries(module, extents, pairs, limits.alignment, options);

  const tensors = used.map((tensor): Tensor => {
    const { type, shape, label } = module.tensors[tensor]!;
    const binding = bindingOf.get(tensor);
    return {
      type,
      shape,
      at: binding === undefined ? (extents.has(tensor) ? 'workspace' : 'none') : { binding },
      offset: offsets.get(tensor) ?? 0,
      ...(label !== undefined && { label }),
    };
  });
  const moved = module.steps.map((step) => withTensors(step, (tensor) => numbers.get(tensor)!));
  const after = dependences(moved, programOverlap(tensors));
  const steps = moved.map((step, at): Step => ({ ...step, after: after[at]! }));
  const version = requiredVersion({ tensors, steps });
  return { program: { version, bindings, tensors, steps, workspaceBytes: memory.plannedBytes }, constants, memory };
}

/** Tensors that steps name, those of composites' bodies included, and all outputs; in the module's order. */
function usedTensors({ tensors, steps }: Module): number[] {
  const used = new Set<number>();
  const visit = (step: Step): void => {
    for (const { tensor } of [...readsOf(step), ...step.outputs]) used.add(tensor);
    for (const inner of step.body ?? []) visit(inner);
  };
  for (const step of steps) visit(step);
  return [...tensors.keys()].filter((tensor) => used.has(tensor) || tensors[tensor]!.origin.kind === 'output');
}

/** One binding for each name; equal constants share one. */
function bindTensors({ tensors }: Module, used: readonly number[]) {
  const bindings: Binding[] = [];
  const constants: Record<string, ConstantSource> = {};
  const bindingOf = new Map<number, number>();
  const known = new Map<string, number>();
  for (const tensor of used) {
    const { type, shape, origin } = tensors[tensor]!;
    if (origin.kind === 'temporary') continue;
    const bytes = byteLength(type, shape);
    const key = origin.kind === 'constant' ? `constant ${origin.source.fingerprint}` : `${origin.kind} ${origin.name}`;
    let binding = known.get(key);
    if (binding === undefined) {
      binding = bindings.push(bindingFor(tensors[tensor]!, bytes)) - 1;
      known.set(key, binding);
      if (origin.kind === 'constant') constants[origin.source.fingerprint] = origin.source;
    }
    bindingOf.set(tensor, binding);
  }
  return { bindings, constants, bindingOf };
}

function bindingFor({ origin }: ModuleTensor, bytes: number): Binding {
  if (origin.kind === 'constant') return { role: 'constant', fingerprint: origin.source.fingerprint, bytes };
  if (origin.kind === 'temporary') throw new TypeError('a temporary has no binding');
  return { role: origin.kind, name: origin.name, bytes };
}

function placeTemporaries(
  module: Module,
  extents: ReadonlyMap<number, Extent>,
  pairs: ReadonlyMap<number, number>,
  alignment: number,
  options?: MemoryPlanOptions,
) {
  const rootOf = (tensor: number): number => {
    const operand = pairs.get(tensor);
    return operand === undefined ? tensor : rootOf(operand);
  };
  const bytesOf = (tensor: number) => byteLength(module.tensors[tensor]!.type, module.tensors[tensor]!.shape);
  const groups = new Map<number, { bytes: number; first: number; last: number }>();
  let naiveBytes = 0;
  for (const [tensor, { first, last }] of extents) {
    const bytes = bytesOf(tensor);
    naiveBytes += Math.ceil(bytes / alignment) * alignment;
    const root = rootOf(tensor);
    const group = groups.get(root) ?? { bytes, first, last };
    groups.set(root, {
      bytes: Math.max(group.bytes, bytes),
      first: Math.min(group.first, first),
      last: Math.max(group.last, last),
    });
  }
  const roots = [...groups.keys()];
  const plan = planMemory(
    roots.map((root) => ({ ...groups.get(root)!, alignment })),
    options,
  );
  const offsetOf = new Map(roots.map((root, at) => [root, plan.offsets[at]!]));
  const offsets = new Map([...extents.keys()].map((tensor) => [tensor, offsetOf.get(rootOf(tensor))!]));
  const memory = { naiveBytes, plannedBytes: plan.peakBytes, lowerBoundBytes: plan.lowerBoundBytes };
  return { offsets, memory };
}
