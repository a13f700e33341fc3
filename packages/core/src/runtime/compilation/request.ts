import type { Plan } from '../../compiler/plan.js';
import type { PrecisionPolicy } from '../../compiler/precision.js';
import type { Adapter, ConstantSource, ErrorCode, ErrorDetails } from '../../contract/index.js';
import type { Graph } from '../../graph/graph.js';

/** All that compiling depends on, as data that can go to another thread. */
export interface CompileRequest {
  readonly id: number;
  readonly graph: Graph;
  /** `plugin` is the URL of the module that has it, or `reference`. */
  readonly devices: readonly { readonly adapter: Adapter; readonly plugin: string }[];
  readonly fusion: 'on' | 'off';
  readonly precision: PrecisionPolicy;
}

/** Asks that nothing of earlier work be left in memory. */
export interface TidyRequest {
  readonly id: number;
  readonly tidy: true;
}

export type CompileAnswer =
  | { readonly id: number; readonly tidied: true }
  | { readonly id: number; readonly plan: Plan }
  | { readonly id: number; readonly error: { readonly code: ErrorCode; readonly details: ErrorDetails } };

/** No pass looks into constants that are larger. */
const largestSentBytes = 2 ** 16;

/** The graph with stand-ins for the contents of large constants, which stay on this side. */
export function withoutContents(graph: Graph): Graph {
  const constants = graph.constants.map(({ operand, source }) => {
    return { operand, source: dataBytes(source) > largestSentBytes ? standIn(source) : source };
  });
  return { ...graph, constants };
}

/** The plan with the contents that the graph had: passes join constants, so a part may be what stands for one. */
export function withContents(plan: Plan, graph: Graph): Plan {
  const large = graph.constants.filter(({ source }) => dataBytes(source) > largestSentBytes);
  const sources = new Map(large.map(({ source }) => [standInPath(source), source.parts]));
  const stoodIn = (part: ConstantSource['parts'][number]) => ('path' in part ? sources.get(part.path) : undefined);
  const programs = plan.programs.map((planned) => {
    const constants = { ...planned.constants };
    for (const [fingerprint, source] of Object.entries(constants)) {
      if (!source.parts.some(stoodIn)) continue;
      constants[fingerprint] = { ...source, parts: source.parts.flatMap((part) => stoodIn(part) ?? [part]) };
    }
    return { ...planned, constants };
  });
  return { ...plan, programs };
}

/** Bytes that are in memory. */
function dataBytes({ parts }: ConstantSource): number {
  return parts.reduce((sum, part) => sum + ('data' in part ? part.data.byteLength : 0), 0);
}

function standIn(source: ConstantSource): ConstantSource {
  const bytes = source.parts.reduce((sum, part) => sum + ('data' in part ? part.data.byteLength : part.bytes), 0);
  return { fingerprint: source.fingerprint, parts: [{ path: standInPath(source), offset: 0, bytes }] };
}

/** No file's path: it has a character that none can have. */
function standInPath({ fingerprint }: ConstantSource): string {
  return `\0${fingerprint}`;
}
