import {
  architectureModel,
  assemble,
  estimateIssue,
  type IssueEstimate,
  type IssueOptions,
  occupancy,
} from '@halyard/simulator';
import type { OneStep } from './matrix-steps.js';
import { targets, toolkitFor } from './matrix-targets.js';
import { type SimulateOptions, simulateStep } from './simulate-step.js';

export interface Estimated extends IssueEstimate {
  readonly kernel: string;
  /** Beside each other on a multiprocessor, as ptxas' registers and shared memory let them. */
  readonly residentBlocks: number;
}

/** What the issue model says of a multiprocessor full of a step's blocks, all as the first. One kernel alone. */
export async function estimateStep(
  one: OneStep<string>,
  { architecture = 'sm_80', ...options }: SimulateOptions,
  issue: IssueOptions = {},
): Promise<Estimated> {
  const { kernel, traces, launches, ptx } = await simulateStep(one, {
    ...options,
    architecture,
    blocks: 1,
    trace: true,
  });
  const toolkit = await toolkitFor(architecture);
  const { kernels } = await assemble(toolkit, ptx, targets[architecture].architecture);
  const [launch] = launches;
  const { registers, sharedBytes } = kernels[launch!.kernel]!;
  const { blocks: residentBlocks } = occupancy(architecture, {
    threads: launch!.block[0],
    registers,
    sharedBytes: sharedBytes + launch!.dynamicSharedBytes,
  });
  const estimate = estimateIssue(traces[0]!, architectureModel(architecture), { residentBlocks, ...issue });
  return { ...estimate, kernel, residentBlocks };
}
