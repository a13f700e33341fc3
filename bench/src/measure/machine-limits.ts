import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { benchCache } from '../peers.js';

const run = promisify(execFile);

/** What this machine can do at most, measured: nothing that is benchmarked can be faster than these allow. */
export interface MachineLimits {
  readonly threads: number;
  readonly readBytesPerSecond: number;
  /** The widest instruction set for float32 multiply-add, and its peak. */
  readonly floatSet: string;
  readonly floatOperationsPerSecond: number;
  /** The widest instruction set for 8-bit dot products, and its peak. */
  readonly integerSet: string;
  readonly integerOperationsPerSecond: number;
}

/** Builds the measurement with the machine's own compiler and runs it. */
export async function measureMachineLimits(threads: number): Promise<MachineLimits> {
  const source = fileURLToPath(new URL('../../native/machine_limits.cpp', import.meta.url));
  const program = join(benchCache(), 'machine_limits');
  await mkdir(benchCache(), { recursive: true });
  await run(process.env.CXX ?? 'c++', ['-std=c++20', '-O3', '-march=native', '-pthread', source, '-o', program]);
  const { stdout } = await run(program, [String(threads)]);
  return JSON.parse(stdout) as MachineLimits;
}

/** For people. */
export function describeLimits(limits: MachineLimits): string {
  const giga = (value: number) => (value / 1e9).toFixed(1);
  return (
    `Machine, ${limits.threads} threads: reads ${giga(limits.readBytesPerSecond)} GB/s, ` +
    `float32 ${giga(limits.floatOperationsPerSecond)} GFLOP/s (${limits.floatSet}), ` +
    `8-bit ${giga(limits.integerOperationsPerSecond)} GOP/s (${limits.integerSet})`
  );
}
