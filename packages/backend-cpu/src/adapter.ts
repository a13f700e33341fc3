import type { Adapter, ScalarOperator, Type } from '@halyard/core';
import type { ProcessorReport } from './load-addon.js';

/** Names that `HALYARD_CPU_LEVEL` may have on this architecture: instruction sets, each with all before it. */
export const knownLevels: readonly string[] =
  process.arch === 'arm64'
    ? ['portable', 'neon', 'neondot', 'neoni8mm']
    : ['portable', 'avx2', 'avx512', 'avx512vnni', 'avx512bf16', 'amx'];

export const readableTypes: readonly Type[] = [
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

/** GGUF's own alignment, so that a tensor of a mapped file can be bound where it lies. */
const alignment = 32;

/** The machine as an adapter. */
export function cpuAdapter(report: ProcessorReport): Adapter {
  const architecture = architectureOf(report.level);
  return {
    id: 'cpu',
    name: report.name,
    fingerprint: `cpu-${architecture}-1`,
    architecture,
    relatives: knownLevels
      .slice(0, Math.max(0, knownLevels.indexOf(report.level)))
      .reverse()
      .map(architectureOf),
    computeUnits: report.cores,
    memory: [{ tier: 'device', bytes: report.memoryBytes }],
    links: [],
    types: readableTypes,
    scalarOperators,
    composites: [],
    limits: { alignment, regionBytes: report.memoryBytes, operandsPerStep: 64, rank: 16, inPlace: true },
    versions: {
      instructionSet: report.level,
      instructionSetFound: report.detectedLevel,
      features: report.features,
      caches: `${report.l1Bytes} ${report.l2Bytes} ${report.l3Bytes}`,
    },
    score: 100,
    proof: { ok: report.proofOk, detail: report.proofDetail },
  };
}

function architectureOf(level: string): string {
  return process.arch === 'arm64' ? `arm-${level}` : `x86-${level}`;
}
