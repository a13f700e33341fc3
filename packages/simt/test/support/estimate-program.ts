import type { ProgramCase } from '@halyard/conformance';
import type { Configuration } from '@halyard/core';
import { generateProgram, type Target } from '@halyard/simt';
import {
  architectureModel,
  compileCuda,
  estimateIssue,
  type IssueEstimate,
  type IssueOptions,
  SimulatedDevice,
} from '@halyard/simulator';
import { toolkitFor } from './matrix-targets.js';

/** What the issue model says of one block of a program's one launch. */
export async function estimateProgram(
  { program, data, name }: ProgramCase,
  target: Target,
  tuning: Configuration,
  issue: IssueOptions,
): Promise<IssueEstimate> {
  const { modules, launches } = generateProgram(program, target, [tuning]);
  const [launch] = launches;
  if (launches.length !== 1) throw new TypeError(`${name} has ${launches.length} launches`);
  const { architecture } = target;
  const toolkit = await toolkitFor(architecture);
  const { ptx } = await compileCuda(toolkit, modules[0]!.source, { architecture });
  const device = new SimulatedDevice({ architecture, memoryBytes: 2 ** 30 });
  const module = device.load(ptx);
  const addresses = data.map((bytes) => {
    const address = device.allocate(bytes.length);
    device.write(address, bytes);
    return address;
  });
  const { trace } = await device.launch({
    module,
    kernel: launch!.kernel,
    grid: launch!.grid,
    block: launch!.block,
    dynamicSharedBytes: launch!.dynamicSharedBytes,
    arguments: launch!.arguments.map((argument) => {
      if (argument.kind === 'binding') return addresses[argument.binding]!;
      throw new TypeError(`no ${argument.kind} here`);
    }),
    firstBlock: 0,
    blockCount: 1,
    trace: {},
  });
  return estimateIssue(trace!, architectureModel(architecture), issue);
}
