import type { Program } from '@halyard/core';
import { generateProgram, type Target } from '@halyard/simt';
import { assemble, compileCuda, fetchToolkit, occupancy } from '@halyard/simulator';
import { type Architecture, targets } from '../support/matrix-targets.js';
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

/** Generates, compiles and assembles every recorded kernel for one architecture. */
export async function measure(architecture: Architecture): Promise<Record<string, Measured[]>> {
  const rows = await assembleAll(targets[architecture]);
  const measured = ({ kernel, threads, registers, sharedBytes, spillBytes }: Assembled): Measured => {
    const { blocks, share } = occupancy(architecture, { threads, registers, sharedBytes });
    return { kernel, threads, registers, sharedBytes, spillBytes, blocks, occupancy: Math.round(share * 1000) / 1000 };
  };
  return Object.fromEntries(Object.entries(rows).map(([name, kernels]) => [name, kernels.map(measured)]));
}

type Assembled = Omit<Measured, 'blocks' | 'occupancy'>;

/** What ptxas says of every recorded kernel. */
export async function assembleAll(target: Target): Promise<Record<string, Assembled[]>> {
  // The last that knows Volta is 12.
  const toolkit = await fetchToolkit(Number(target.architecture.match(/\d+/)![0]) < 75 ? '12' : '13');
  const rows: Record<string, Assembled[]> = {};
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
      rows[name] = launches.map(({ kernel, block, dynamicSharedBytes }): Assembled => {
        const { registers, sharedBytes, spillStoreBytes, spillLoadBytes } = kernels[kernel]!;
        return {
          kernel: kernel.replace(/_\d+$/, ''),
          threads: block[0],
          registers,
          sharedBytes: sharedBytes + dynamicSharedBytes,
          spillBytes: spillStoreBytes + spillLoadBytes,
        };
      });
    }),
  );
  return Object.fromEntries(Object.keys(recordedKernels).map((name) => [name, rows[name]!]));
}
