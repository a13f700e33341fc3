import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HalyardError } from '@halyard/core';
import type { NativeAddon } from './addon.js';

/**
 * The folder of a package into which its native code was built: `build`, or what `HALYARD_BUILD` names instead (builds
 * with sanitizers or for a debugger).
 */
export function buildFolder(packageFolder: URL): string {
  return join(fileURLToPath(packageFolder), process.env.HALYARD_BUILD || 'build');
}

/** Finds and loads the addon of a backend. */
export class AddonPackage<Addon extends NativeAddon> {
  readonly #folder: URL;
  readonly #name: string;
  readonly #file: string;
  #loaded: Addon | undefined;

  /**
   * @param folder the package's
   * @param name `backend-cuda`; its platform packages are `@halyard/backend-cuda-linux-x64` and the like
   * @param file what CMake builds: `halyard_cuda.node`
   */
  constructor(folder: URL, name: string, file: string) {
    this.#folder = folder;
    this.#name = name;
    this.#file = file;
  }

  /** Where it may be: built in the package's folder, then in the platform's package, which takes a while to be named. */
  *places(): Generator<string> {
    yield join(buildFolder(this.#folder), this.#file);
    yield this.platformPackage();
  }

  platformPackage(): string {
    return `@halyard/${this.#name}-${platformName()}`;
  }

  /** @throws HalyardError `backend-failed`, saying what each place answered */
  load(): Addon {
    if (this.#loaded) return this.#loaded;
    const require = createRequire(new URL('package.json', this.#folder));
    const answers: string[] = [];
    for (const place of this.places()) {
      if (place.endsWith('.node') && !existsSync(place)) {
        answers.push(`${place}: not built`);
        continue;
      }
      try {
        this.#loaded = require(place) as Addon;
        return this.#loaded;
      } catch (error) {
        answers.push(`${place}: ${firstLine(error)}`);
      }
    }
    throw new HalyardError('backend-failed', {
      found: `no addon for ${platformName()} (${answers.join('; ')})`,
      expected: `${this.platformPackage()}, or a build of @halyard/${this.#name}`,
      remedy: `${this.remedy()} (without --no-optional).`,
    });
  }

  /** How to get one, without a full stop. */
  remedy(): string {
    return `In a clone run "npx --yes pnpm@10.34.8 build"; in an application run "npm install ${this.platformPackage()}"`;
  }
}

/** `linux-x64`, `linux-arm64-musl`: as the platform packages are named. */
function platformName(): string {
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  const isMusl = process.platform === 'linux' && header.glibcVersionRuntime === undefined;
  return `${process.platform}-${process.arch}${isMusl ? '-musl' : ''}`;
}

const firstLine = (error: unknown) => String(error instanceof Error ? error.message : error).split('\n')[0]!;
