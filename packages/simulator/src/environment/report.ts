import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Counters } from '../launch-result.js';
import type { InstructionTrace } from '../trace/instruction-trace.js';

/** Exact and repeatable figures of one launch, or of all on a device. */
export interface ReportedCounters extends Counters {
  readonly totalWarpInstructions: number;
}

/**
 * What a program did wrong. Besides what kernels are found to do, the driver reports `write-not-waited-for` (memory is
 * used before the copy, fill or kernel that writes it was waited for), `read-not-waited-for` (memory is overwritten
 * while something else may still read it), `unmapped-while-in-use`, `out-of-bounds`, `use-after-free` and
 * `uninitialized-read` of copies, `double-free`, `invalid-ptx`, and `not-simulated` for what a real driver could do.
 */
export interface ReportedFinding {
  readonly kind: string;
  readonly isError: boolean;
  readonly device: number;
  /** Of a finding in a kernel: its name, and where in its PTX. */
  readonly kernel?: string;
  readonly line?: number;
  readonly instruction?: string;
  /** `file:line` of the CUDA C++, if it was compiled with line information. */
  readonly source?: string;
  /** Of a finding about what the host asked for: what it was, and in which stream. */
  readonly place?: string;
  readonly address: number;
  readonly bytes: number;
  readonly explanation: string;
}

export interface ReportedLaunch {
  readonly device: number;
  readonly kernel: string;
  readonly place: string;
  readonly grid: readonly [number, number, number];
  readonly block: readonly [number, number, number];
  readonly dynamicSharedBytes: number;
  readonly simulatedMicroseconds: number;
  /** `none` */
  readonly error: string;
  readonly message: string;
  readonly counters: ReportedCounters;
  /** Where `simulatedEnvironment` asked for one. */
  readonly trace?: InstructionTrace;
}

export interface SimulatorReport {
  readonly process: number;
  readonly driverVersion: number;
  readonly devices: readonly {
    readonly architecture: string;
    readonly name: string;
    readonly memoryBytes: number;
    /** When the report was written. */
    readonly usedBytes: number;
    readonly peakBytes: number;
    readonly isLost: boolean;
    readonly counters: ReportedCounters;
  }[];
  /** What there was of each kind when the report was written; all 0 once a program has given everything back. */
  readonly objects: Readonly<
    Record<
      | 'contexts'
      | 'streams'
      | 'events'
      | 'modules'
      | 'graphs'
      | 'graphExecutables'
      | 'hostAllocations'
      | 'reservations',
      number
    >
  >;
  /** Directly where the device that copies was let into the other's memory, else by way of the host. */
  readonly copiesBetweenDevices: { readonly directBytes: number; readonly stagedBytes: number };
  /** By name of the function. */
  readonly calls: Readonly<Record<string, number>>;
  readonly findings: readonly ReportedFinding[];
  readonly faults: readonly { readonly kind: string; readonly function: string; readonly fired: number }[];
  readonly launchCount: number;
  readonly launches: readonly ReportedLaunch[];
}

/** What processes left in the folder that `simulatedEnvironment` named, one report each. */
export async function readReports(folder: string): Promise<SimulatorReport[]> {
  const names = await readdir(folder).catch(() => []);
  const reports = names.filter((name) => /^simulator-\d+\.json$/.test(name)).sort();
  return Promise.all(reports.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'))));
}
