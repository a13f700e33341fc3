import type { Program } from '@halyard/core';
import { generateProgram } from '@halyard/simt';
import { assemble, compileCuda, occupancy } from '@halyard/simulator';
import { type Architecture, targets, toolkitFor } from '../support/matrix-targets.js';
import { recordedKernels } from './kernels.js';

/** What one kernel takes on one architecture. */
export interface Measured {
  readonly kernel: string;
  readonly threads: number;
  readonly registers: number;
  readonly sharedBytes: number;
  readonly spillBytes: number;
  /** Blocks of a multiprocessor, and the share of its threads. */
  readonly blocks: number;
  readonly occupancy: number;
}

export type ResourceTable = Readonly<Record<string, Readonly<Record<string, readonly Measured[]>>>>;

/** Generates, compiles and assembles every recorded kernel for one architecture: what ptxas says of each. */
export async function measure(architecture: Architecture): Promise<Record<string, Measured[]>> {
  const toolkit = await toolkitFor(architecture);
  const target = targets[architecture];
  const rows: Record<string, Measured[]> = {};
  await Promise.all(
    Object.entries(recordedKernels).map(async ([name, { tensors, step }]) => {
      const program: Program = {
        version: { major: 1, minor: 0 },
        bindings: [],
        tensors,
        steps: [step as never],
        workspaceBytes: 0,
      };
      const { modules, launches } = generateProgram(program, target, []);
      const { ptx } = await compileCuda(toolkit, modules[0]!.source, target);
      const { kernels, log } = await assemble(toolkit, ptx, target.architecture);
      if (/serialized/.test(log)) throw new Error(`${name}: ptxas has products wait for each other: ${log}`);
      rows[name] = launches.map(({ kernel, block, dynamicSharedBytes }): Measured => {
        const { registers, spillStoreBytes, spillLoadBytes, ...own } = kernels[kernel]!;
        const threads = block[0];
        const sharedBytes = own.sharedBytes + dynamicSharedBytes;
        const { blocks, share } = occupancy(architecture, { threads, registers, sharedBytes });
        return {
          kernel: kernel.replace(/_\d+$/, ''),
          threads,
          registers,
          sharedBytes,
          spillBytes: spillStoreBytes + spillLoadBytes,
          blocks,
          occupancy: Math.round(share * 1000) / 1000,
        };
      });
    }),
  );
  return Object.fromEntries(Object.keys(recordedKernels).map((name) => [name, rows[name]!]));
}
