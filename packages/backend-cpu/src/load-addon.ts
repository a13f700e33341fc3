import { AddonPackage, type NativeAddon } from '@halyard/native';

/** What the addon's `probe` tells about this machine. */
export interface ProcessorReport {
  readonly name: string;
  readonly detectedLevel: string;
  readonly level: string;
  readonly cores: number;
  readonly l1Bytes: number;
  readonly l2Bytes: number;
  readonly l3Bytes: number;
  readonly memoryBytes: number;
  readonly features: string;
  readonly proofOk: boolean;
  readonly proofDetail: string;
}

export interface CpuAddon extends NativeAddon {
  probe(): ProcessorReport;
}

const addon = new AddonPackage<CpuAddon>(new URL('..', import.meta.url), 'backend-cpu', 'halyard_cpu.node');

/** @throws HalyardError `backend-failed`, saying what each place answered */
export const loadAddon = (): CpuAddon => addon.load();
