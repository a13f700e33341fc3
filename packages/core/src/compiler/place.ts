import { type Adapter, type BackendPlugin, HalyardError, type Step } from '../contract/index.js';
import { unplacedTensors } from './fuse/target.js';
import { type Decision, decomposeStep, descend, nameOf, type Supports } from './ladder.js';
import type { Module, ModuleTensor } from './module.js';
import type { Partition } from './partition/connect.js';
import { partition } from './partition.js';

/** A device to compile for; it need not be here. */
export interface CompileDevice {
  readonly adapter: Adapter;
  readonly supports: BackendPlugin['supports'];
}

export interface Placement extends Partition {
  readonly decisions: readonly Decision[];
}

/**
 * Gives every step to the first device in the list that takes it, brought down the ladder where it has to be; only what
 * the first takes in no form goes to the next. Where several devices are needed, the module falls into parts that
 * transfers connect.
 *
 * @throws HalyardError `unsupported` for a step that no device takes in any form
 */
export function place(module: Module, devices: readonly CompileDevice[]): Placement {
  const tensors = [...module.tensors];
  const supports = devices.map((device) => supportOf(device, tensors));
  const placed: PlacedStep[] = [];
  const decisions: Decision[] = [];
  for (const step of module.steps) placeStep(step, tensors, devices, supports, placed, decisions);
  const steps = placed.map(({ step }) => step);
  const parts = partition(
    { tensors, steps },
    placed.map(({ device }) => device),
  );
  return { ...parts, decisions };
}

interface PlacedStep {
  readonly step: Step;
  readonly device: number;
}

function placeStep(
  step: Step,
  tensors: ModuleTensor[],
  devices: readonly CompileDevice[],
  supports: readonly Supports[],
  placed: PlacedStep[],
  decisions: Decision[],
): void {
  const reasons: string[] = [];
  for (const [device, answer] of supports.entries()) {
    const before = tensors.length;
    const descent = descend(step, tensors, answer);
    if ('steps' in descent) {
      for (const own of descent.steps) placed.push({ step: own, device });
      decisions.push(...descent.decisions);
      if (device > 0) {
        const decision = `placed on ${devices[device]!.adapter.name}`;
        decisions.push({ step: nameOf(step), decision, reason: reasons.join('; ') });
      }
      return;
    }
    tensors.length = before;
    reasons.push(`${devices[device]!.adapter.name}: ${descent.reason}`);
  }
  // No device takes all of it, but several may take it between them.
  const simpler = decomposeStep(step, tensors);
  if (!simpler) {
    throw new HalyardError('unsupported', {
      found: `step ${nameOf(step)}, which no device takes (${reasons.join('; ') || 'there is none'})`,
      expected: 'a device that takes it, whole or decomposed',
      remedy: 'Add a device that does, or express the operator by others.',
    });
  }
  decisions.push({ step: nameOf(step), decision: 'decomposed into simpler steps', reason: reasons.join('; ') });
  for (const inner of simpler) placeStep(inner, tensors, devices, supports, placed, decisions);
}

/** What a device answers, with the tensors as they are at the time of asking. */
function supportOf({ adapter, supports }: CompileDevice, tensors: readonly ModuleTensor[]): Supports {
  return (step) => supports(adapter, step, unplacedTensors(tensors));
}
