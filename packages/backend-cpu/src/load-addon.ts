import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HalyardError } from '@halyard/core';
import type { NativeAddon } from '@halyard/native';

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

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
let loaded: CpuAddon | undefined;

/**
 * The addon: built in this folder, else from the platform's package.
 *
 * @throws HalyardError `backend-failed`, saying what each place answered
 */
export function loadAddon(): CpuAddon {
  if (loaded) return loaded;
  const require = createRequire(import.meta.url);
  const answers: string[] = [];
  for (const place of places()) {
    if (place.endsWith('.node') && !existsSync(place)) {
      answers.push(`${place}: not built`);
      continue;
    }
    try {
      loaded = require(place) as CpuAddon;
      return loaded;
    } catch (error) {
      answers.push(`${place}: ${firstLine(error)}`);
    }
  }
  throw new HalyardError('backend-failed', {
    found: `no addon for ${platformName()} (${answers.join('; ')})`,
    expected: `${platformPackage()}, or a build of @halyard/backend-cpu`,
    remedy: `In a clone run "npx --yes pnpm@10.34.8 build"; in an application run "npm install ${platformPackage()}" (without --no-optional).`,
  });
}

/** One after another, for the second takes a while to be named. */
function* places(): Generator<string> {
  yield join(packageFolder, 'build', 'halyard_cpu.node');
  yield platformPackage();
}

function platformPackage(): string {
  return `@halyard/backend-cpu-${platformName()}`;
}

/** `linux-x64`, `linux-arm64-musl`: as the platform packages are named. */
function platformName(): string {
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  const isMusl = process.platform === 'linux' && header.glibcVersionRuntime === undefined;
  return `${process.platform}-${process.arch}${isMusl ? '-musl' : ''}`;
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0]!;
}
