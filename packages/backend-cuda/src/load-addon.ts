import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HalyardError } from '@halyard/core';
import type { NativeAddon } from '@halyard/native';
import type { ProbeAnswer } from './probe/answer.js';

export interface CudaAddon extends NativeAddon {
  /** Touches the driver: only for a child process. */
  probe(compilerPaths: readonly string[]): ProbeAnswer;
  /** CUDA C++ to PTX for `architecture` (80 for sm_80). Rejects with `cuda:compilation-failed`, `cuda:nvrtc-missing`. */
  compileSource(nvrtc: string, source: string, name: string, architecture: number): Promise<string>;
}

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
let loaded: CudaAddon | undefined;

/** Where the addon may be: built in this folder, else the platform's package. */
export function addonPlaces(): readonly string[] {
  return [join(packageFolder, 'build', 'halyard_cuda.node'), `@halyard/backend-cuda-${platformName()}`];
}

/**
 * The addon. Loading it touches neither the driver nor NVRTC.
 *
 * @throws HalyardError `backend-failed`, saying what each place answered
 */
export function loadAddon(): CudaAddon {
  if (loaded) return loaded;
  const require = createRequire(import.meta.url);
  const answers: string[] = [];
  for (const place of addonPlaces()) {
    if (place.endsWith('.node') && !existsSync(place)) {
      answers.push(`${place}: not built`);
      continue;
    }
    try {
      loaded = require(place) as CudaAddon;
      return loaded;
    } catch (error) {
      answers.push(`${place}: ${String(error instanceof Error ? error.message : error).split('\n')[0]}`);
    }
  }
  const platformPackage = addonPlaces()[1]!;
  throw new HalyardError('backend-failed', {
    found: `no addon for ${platformName()} (${answers.join('; ')})`,
    expected: `${platformPackage}, or a build of @halyard/backend-cuda`,
    remedy: `In a clone run "npx --yes pnpm@10.34.8 build"; in an application run "npm install ${platformPackage}" (without --no-optional).`,
  });
}

/** `linux-x64`, `linux-arm64-musl`: as the platform packages are named. */
function platformName(): string {
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  const isMusl = process.platform === 'linux' && header.glibcVersionRuntime === undefined;
  return `${process.platform}-${process.arch}${isMusl ? '-musl' : ''}`;
}
