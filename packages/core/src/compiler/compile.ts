import type { Adapter, Configuration, Step, Tensor } from '../contract/index.js';
import { HalyardError } from '../contract/index.js';
import type { Graph } from '../graph/graph.js';
import { canonicalText } from './canonical-text.js';
import { decompose } from './decompose/index.js';
import { bytesMoved, explainSteps } from './explanation.js';
import { type FusionTarget, fuse } from './fuse/index.js';
import type { Decision } from './ladder.js';
import { type Lowered, lower } from './lower.js';
import type { Module } from './module.js';
import { type CompileDevice, type Placement, place } from './place.js';
import type { Plan } from './plan.js';
import { defaultPrecision, type PrecisionPolicy } from './precision.js';
import { schedule } from './schedule.js';
import { type Evaluate, simplify } from './simplify/index.js';

export type { CompileDevice } from './place.js';

/** Which kernel configuration a step gets on an adapter. */
export type TuningLookup = (adapter: Adapter, step: Step, tensors: readonly Tensor[]) => Configuration;

export interface CompileOptions {
  /** The most preferred first; the others take what it cannot do. */
  readonly devices: readonly CompileDevice[];
  readonly fusion: 'on' | 'off';
  readonly precision?: PrecisionPolicy;
  readonly tuning?: TuningLookup;
  /** Runs steps exactly, to compute now what depends on small constants alone. Left out, nothing is folded. */
  readonly evaluate?: Evaluate;
}

/**
 * Turns a graph into a plan: decompose, simplify, fuse, place, schedule, plan memory, lower. Pure: it touches no device,
 * and the same graph and options give the same plan.
 *
 * @throws HalyardError `unsupported` for a step that no device takes in any form, `no-device` without devices
 */
export function compile(graph: Graph, options: CompileOptions): Plan {
  const module = decompose(graph, options.precision ?? defaultPrecision);
  return compileModule(module, options, graph.operators.length);
}

/** As {@link compile}, from the steps on. */
export function compileModule(module: Module, options: CompileOptions, operators = module.steps.length): Plan {
  const { devices, fusion, tuning } = options;
  if (devices.length === 0) {
    throw new HalyardError('no-device', {
      found: 'no device to compile for',
      expected: 'at least one',
      remedy: 'Run `halyard doctor` to see which backends there are.',
    });
  }
  const simplified = simplify(module, options.evaluate);
  const { fused, placement, decisions } = fuseAndPlace(simplified, devices, fusion);
  const lowered = placement.parts.map((part) => ({
    device: part.device,
    ...lower(schedule(part.module), devices[part.device]!.adapter.limits),
  }));
  return {
    programs: lowered.map(({ device, program, constants }) => ({
      device,
      program,
      tuning: program.steps.map((step) => tuning?.(devices[device]!.adapter, step, program.tensors) ?? {}),
      constants,
    })),
    commands: placement.commands,
    explanation: {
      operators,
      stepsBeforeFusion: simplified.steps.length,
      stepsAfterFusion: fused.steps.length,
      bytesMovedBeforeFusion: bytesMoved(simplified),
      bytesMovedAfterFusion: bytesMoved(fused),
      memory: totalMemory(lowered),
      steps: lowered.flatMap(({ program }, at) => explainSteps(at, program)),
      decisions,
    },
  };
}

/** What a step of the ladder opened up is fused once more, as far as the device takes it. */
function fuseAndPlace(
  simplified: Module,
  devices: readonly CompileDevice[],
  fusion: 'on' | 'off',
): { readonly fused: Module; readonly placement: Placement; readonly decisions: readonly Decision[] } {
  if (fusion === 'off') {
    const placement = place(simplified, devices);
    return { fused: simplified, placement, decisions: placement.decisions };
  }
  const fused = simplify(fuse(simplified, targetOf(devices[0]!)));
  const placement = place(fused, devices);
  const [part, ...others] = placement.parts;
  if (!part || others.length > 0 || part.module.steps.length === fused.steps.length) {
    return { fused, placement, decisions: placement.decisions };
  }
  const again = simplify(fuse(part.module, targetOf(devices[part.device]!)));
  const settled = place(again, devices);
  return { fused: again, placement: settled, decisions: distinct([...placement.decisions, ...settled.decisions]) };
}

function targetOf({ adapter, supports }: CompileDevice): FusionTarget {
  return { limits: adapter.limits, supports: (step, tensors) => supports(adapter, step, tensors) };
}

function distinct(decisions: readonly Decision[]): Decision[] {
  return [...new Map(decisions.map((decision) => [canonicalText(decision), decision])).values()];
}

function totalMemory(lowered: readonly Lowered[]) {
  const total = (bytes: (memory: Lowered['memory']) => number) =>
    lowered.reduce((sum, { memory }) => sum + bytes(memory), 0);
  return {
    naiveBytes: total(({ naiveBytes }) => naiveBytes),
    plannedBytes: total(({ plannedBytes }) => plannedBytes),
    lowerBoundBytes: total(({ lowerBoundBytes }) => lowerBoundBytes),
  };
}
