import type { Target } from '@halyard/simt';
import { architectureModel, fetchToolkit, type Toolkit } from '@halyard/simulator';

/** Every architecture that the generator has a model of. */
export const architectures = [
  ...(['sm_70', 'sm_72', 'sm_75', 'sm_80', 'sm_86', 'sm_87', 'sm_89'] as const),
  ...(['sm_90', 'sm_100', 'sm_103', 'sm_110', 'sm_120', 'sm_121'] as const),
] as const;

export type Architecture = (typeof architectures)[number];

/** The board that the simulator's table has of an architecture. */
function targetOf(architecture: Architecture): Target {
  const { multiprocessors, residency } = architectureModel(architecture);
  return {
    vendor: 'cuda',
    // With what only Hopper has.
    architecture: architecture === 'sm_90' ? 'sm_90a' : architecture,
    warpSize: 32,
    multiprocessors,
    sharedBytesPerBlock: residency.sharedBytes - residency.reservedSharedBytes,
    registersPerMultiprocessor: residency.registers,
    maximumThreadsPerBlock: 1024,
  };
}

export const targets = Object.fromEntries(architectures.map((name) => [name, targetOf(name)])) as Readonly<
  Record<Architecture, Target>
>;

/** The last that knows Volta is 12. */
export const toolkitFor = (architecture: string): Promise<Toolkit> =>
  fetchToolkit(Number(/\d+/.exec(architecture)![0]) < 75 ? '12' : '13');
