import type { Adapter, ScalarOperator, Type } from '@halyard/core';
import type { Target } from '@halyard/simt';
import type { FoundDevice, ProbeAnswer } from './answer.js';

/** What generated kernels read; what computes is a part of it (see `supports`). */
const types: readonly Type[] = [
  ...(['float32', 'float16', 'bfloat16', 'int64', 'uint64', 'int32', 'uint32', 'int8', 'uint8'] as const),
  ...(['q4_0', 'q4_1', 'q8_0', 'q4_k', 'q6_k'] as const),
];

const scalarOperators: readonly ScalarOperator[] = [
  ...(['constant', 'coordinate', 'random', 'cast', 'select'] as const),
  ...(['add', 'sub', 'mul', 'div', 'pow', 'min', 'max'] as const),
  ...(['equal', 'notEqual', 'lesser', 'lesserOrEqual', 'greater', 'greaterOrEqual'] as const),
  ...(['and', 'or', 'xor', 'not', 'isNaN', 'isInfinite'] as const),
  ...(['abs', 'neg', 'sign', 'exp', 'log', 'sqrt', 'rsqrt', 'reciprocal', 'erf', 'tanh', 'sigmoid'] as const),
  ...(['gelu', 'silu', 'sin', 'cos', 'tan', 'floor', 'ceil', 'roundEven'] as const),
];

/**
 * Of each architecture that kernels are generated for, the older one whose multiprocessor is most like its own: shared
 * memory, and how many products its tensor cores do. Source: CUDA C++ programming guide, technical specifications per
 * compute capability; white papers of the architectures.
 */
const nearest: Readonly<Record<number, number>> = {
  72: 70,
  75: 70,
  80: 75,
  86: 80,
  87: 86,
  89: 86,
  90: 80,
  100: 90,
  103: 100,
  110: 100,
  120: 89,
  121: 120,
};

/** What `cuMemAlloc` aligns to; vector loads and bulk copies need less. */
const alignment = 256;
/** Of the fastest link between host and device that is common, PCIe 4.0 with 16 lanes. Source: PCI-SIG, 2 GB/s a lane. */
const hostBytesPerSecond = 31.5e9;

/** A device that computes, as an adapter. */
export function cudaAdapter(device: FoundDevice, answer: ProbeAnswer): Adapter {
  const { driverVersion, compilers, devices } = answer;
  const compiler = compilers[device.compiler]!;
  const bytesPerSecond = bandwidthOf(device);
  return {
    id: device.busId,
    name: device.name,
    fingerprint: `cuda-sm_${device.architecture}-${versionText(compiler.version)}-1`,
    architecture: `sm_${device.architecture}`,
    relatives: relativesOf(device.architecture),
    computeUnits: device.multiprocessors,
    memory: [{ tier: 'device', bytes: device.memoryBytes, ...(bytesPerSecond > 0 ? { bytesPerSecond } : {}) }],
    links: [
      { to: 'host', bytesPerSecond: hostBytesPerSecond },
      ...devices
        .filter(({ number }) => device.peers.includes(number))
        .map(({ busId }) => ({ to: busId, bytesPerSecond: hostBytesPerSecond })),
    ],
    types,
    scalarOperators,
    composites: [],
    limits: { alignment, regionBytes: device.memoryBytes, operandsPerStep: 64, rank: 16, inPlace: true },
    versions: {
      driver: versionText(driverVersion),
      nvrtc: versionText(compiler.version),
      nvrtcPath: compiler.path,
      ...productLibraryVersions(answer),
      uuid: device.uuid,
      warpSize: String(device.warpSize),
      threadsPerBlock: String(device.threadsPerBlock),
      threadsPerMultiprocessor: String(device.threadsPerMultiprocessor),
      sharedBytesPerBlock: String(device.sharedBytesPerBlock),
      sharedBytesPerMultiprocessor: String(device.sharedBytesPerMultiprocessor),
      registersPerMultiprocessor: String(device.registersPerMultiprocessor),
      clockMegahertz: String(Math.round(device.clockKilohertz / 1000)),
      l2CacheBytes: String(device.l2CacheBytes),
      memory: device.hasVirtualMemory ? 'mapped' : device.hasMemoryPools ? 'ordered' : 'plain',
    },
    score: 1000 + Math.min(999, Math.round(bytesPerSecond / 1e10)),
    proof: { ok: device.proofOk, detail: device.proofDetail },
  };
}

/** `cublasLtPath` is there only if it can be used; else `cublasLt` says why not. */
function productLibraryVersions({ productLibraries }: ProbeAnswer): Record<string, string> {
  const usable = productLibraries.find(({ failure }) => failure === '');
  if (usable) return { cublasLt: usable.version, cublasLtPath: usable.path };
  // The last ones are names that the loader does not know: what was there and refused says more.
  const [first] = productLibraries.filter(({ version, path }) => version !== '' || /[\\/]/.test(path));
  return { cublasLt: first ? `not usable (${first.failure})` : 'not found' };
}

/** The hardware that kernels are generated for. */
export function targetOf(adapter: Adapter): Target {
  const number = (name: string, otherwise: number) => Number(adapter.versions[name] ?? otherwise);
  return {
    vendor: 'cuda',
    architecture: ownForm(adapter),
    warpSize: number('warpSize', 32),
    multiprocessors: adapter.computeUnits,
    sharedBytesPerBlock: number('sharedBytesPerBlock', 48 * 1024),
    registersPerMultiprocessor: number('registersPerMultiprocessor', 65_536),
    maximumThreadsPerBlock: number('threadsPerBlock', 1024),
  };
}

/** With what only Hopper has, `wgmma` among it, where the compiler knows it: NVRTC 12.0 and later. */
function ownForm({ architecture, versions: { nvrtc = '' } }: Adapter): string {
  return architecture === 'sm_90' && Number.parseInt(nvrtc, 10) >= 12 ? 'sm_90a' : architecture;
}

/** `12.4` for 12040. */
export function versionText(version: number): string {
  return `${Math.floor(version / 1000)}.${Math.floor((version % 1000) / 10)}`;
}

/** Two transfers a clock over the whole bus. */
function bandwidthOf({ memoryClockKilohertz, memoryBusBits }: FoundDevice): number {
  return 2 * memoryClockKilohertz * 1000 * (memoryBusBits / 8);
}

/** Older ones, nearest first: what runs there runs here. */
export function relativesOf(architecture: number): string[] {
  const older = Object.keys(nearest).map(Number);
  const next = nearest[architecture] ?? older.filter((known) => known < architecture).at(-1);
  return next === undefined ? [] : [`sm_${next}`, ...relativesOf(next)];
}
