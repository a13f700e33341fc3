/**
 * What instruction order depends on, by architecture: cycles of a multiprocessor, as others measured and NVIDIA's
 * white papers state them. Figures in `latency` are rounded to tens; the order of loads needs no better. A test compares
 * them with the simulator's table, which says of each where it was found.
 */
export interface ArchitectureModel {
  readonly architecture: string;
  /** `cp.async` (sm_80 on). */
  readonly hasAsynchronousCopies: boolean;
  /**
   * Dense float16 multiply-adds with float32 sums in a cycle, on all tensor cores of a multiprocessor, of boards for data
   * centers: GeForce boards do half of it from sm_86 on.
   */
  readonly tensorMultiplyAdds: number;
  /** float32 multiply-adds in a cycle. */
  readonly multiplyAdds: number;
  /** Cycles from a load to its first use. */
  readonly latency: { readonly global: number; readonly shared: number };
  /** Bytes that a multiprocessor gets from the second-level cache in a cycle while all do. */
  readonly cacheBytes: number;
  /** Bytes of shared memory of a multiprocessor; a block may have 1 KiB less of it from sm_80 on. */
  readonly sharedBytes: number;
  readonly maximumThreads: number;
  readonly source: string;
}

const volta =
  'latencies: Jia et al., Dissecting the NVIDIA Volta GPU architecture via microbenchmarking, 2018, of memory M. Dewing, AI_kernels; rates: Tesla V100 white paper';
const turing =
  'latencies: Jia et al., Dissecting the NVIDIA Turing T4 GPU via microbenchmarking, 2019; rates: Turing white paper';
const ampere =
  'latencies: Luo et al., Benchmarking and dissecting the NVIDIA Hopper GPU architecture, 2024; rates: white paper of the architecture';
const orin = 'Jetson AGX Orin technical brief';
const caches = 'second-level caches: white papers of V100 and A100, Luo et al. 2024, else the port of 64 bytes';
const sizes = 'shared memory: CUDA C++ programming guide, technical specifications per compute capability';

const model = (
  architecture: string,
  tensorMultiplyAdds: number,
  multiplyAdds: number,
  [global, shared]: readonly [number, number],
  cacheBytes: number,
  sharedKibibytes: number,
  maximumThreads: number,
  source: string,
): ArchitectureModel => ({
  architecture,
  hasAsynchronousCopies: Number(architecture.slice(3)) >= 80,
  tensorMultiplyAdds,
  multiplyAdds,
  latency: { global, shared },
  cacheBytes,
  sharedBytes: sharedKibibytes * 1024,
  maximumThreads,
  source: `${source}; ${caches}; ${sizes}`,
});

export const architectureModels: readonly ArchitectureModel[] = [
  model('sm_70', 512, 64, [460, 20], 26, 96, 2048, volta),
  model('sm_72', 512, 64, [460, 20], 26, 96, 2048, `${volta}; as sm_70`),
  model('sm_75', 512, 64, [430, 20], 19, 64, 1024, turing),
  model('sm_80', 1024, 64, [470, 30], 47, 164, 2048, ampere),
  model('sm_86', 512, 128, [480, 30], 64, 100, 1536, `${ampere}; latencies as sm_89`),
  model('sm_87', 1024, 128, [480, 30], 64, 164, 1536, `${ampere}; latencies as sm_86; rates: ${orin}`),
  model('sm_89', 512, 128, [540, 30], 64, 100, 1536, ampere),
  model('sm_90', 2048, 128, [480, 30], 34, 228, 2048, ampere),
  model(
    'sm_100',
    2048,
    128,
    [480, 30],
    34,
    228,
    2048,
    'derived: mma.sync taken to be as fast as on sm_90, latencies too',
  ),
  model('sm_103', 2048, 128, [480, 30], 34, 228, 2048, 'derived: as sm_100'),
  model('sm_110', 2048, 128, [540, 30], 34, 228, 1536, 'derived: as sm_100, latencies as sm_89'),
  model('sm_120', 512, 128, [540, 30], 64, 100, 1536, 'derived: as sm_89, whose tensor rate and shared memory it has'),
  model('sm_121', 512, 128, [540, 30], 64, 100, 1536, 'derived: as sm_120'),
];

/** The model of an architecture, or of the newest that is not newer. */
export function architectureModel(architecture: string): ArchitectureModel {
  const number = (name: string) => Number(/^sm_(\d+)/.exec(name)?.[1] ?? 0);
  const known = architectureModels.filter((candidate) => number(candidate.architecture) <= number(architecture));
  return known.at(-1) ?? architectureModels[0]!;
}
