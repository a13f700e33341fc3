import type { BackendPlugin } from '../../contract/index.js';
import { referencePlugin } from '../../reference/index.js';
import { applicationFolders, environmentVariable, nearestManifest, resolveModule } from '../host/index.js';

/** The backends of the house, looked for by name. */
export const knownBackends = ['cuda', 'rocm', 'ascend', 'cpu'] as const;

/** A backend that might be there. */
export interface Candidate {
  /** `cpu`, or the package, path or URL it was named by. */
  readonly name: string;
  /** Whether `name` is the plugin's own; of other packages and of files that is known only once they are probed. */
  readonly hasOwnName: boolean;
  /** What was resolved, or the plugin itself. */
  readonly specifier: string;
  /** Who asked for it: `installed`, `options`, `HALYARD_BACKENDS`, or the path of a package.json. */
  readonly source: string;
  /** Undefined: not installed. */
  readonly url?: string | undefined;
  readonly plugin?: BackendPlugin | undefined;
}

/** In options: a plugin, a package name, a path or a `file:` URL. */
export type BackendReference = string | BackendPlugin;

/** What there is to look at, in order and each once. Nothing is scanned and nothing is loaded. */
export function candidates(given: readonly BackendReference[] = []): Candidate[] {
  const listed: Candidate[] = given.map((reference) =>
    typeof reference === 'string'
      ? named(reference, 'options')
      : {
          name: reference.name,
          hasOwnName: true,
          specifier: reference.name,
          source: 'options',
          plugin: reference,
        },
  );
  const variable = environmentVariable('HALYARD_BACKENDS');
  for (const name of variable?.split(',') ?? []) {
    if (name.trim() !== '') listed.push(named(name.trim(), 'HALYARD_BACKENDS'));
  }
  for (const { path, names } of manifestBackends()) listed.push(...names.map((name) => named(name, path)));
  listed.push(...knownBackends.map((name) => named(name, 'installed')));
  listed.push({
    name: 'reference',
    hasOwnName: true,
    specifier: '@halyard/core',
    source: 'core',
    plugin: referencePlugin,
  });
  const seen = new Set<unknown>();
  return listed.filter(({ plugin, specifier }) => {
    const key = plugin ?? specifier;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function named(name: string, source: string): Candidate {
  const isKnown = (knownBackends as readonly string[]).includes(name);
  const specifier = isKnown ? `@halyard/backend-${name}` : name;
  const short = /^@halyard\/backend-(.+)$/.exec(specifier)?.[1];
  const hasOwnName = short !== undefined;
  return { name: short ?? name, hasOwnName, specifier, source, url: resolveModule(specifier) };
}

function manifestBackends(): { path: string; names: string[] }[] {
  const found = new Map<string, string[]>();
  for (const folder of applicationFolders()) {
    const manifest = nearestManifest(folder);
    if (!manifest || found.has(manifest.path)) continue;
    const { halyard } = (manifest.content ?? {}) as { halyard?: { backends?: unknown } };
    const backends = Array.isArray(halyard?.backends) ? halyard.backends : [];
    found.set(
      manifest.path,
      backends.filter((name): name is string => typeof name === 'string'),
    );
  }
  return [...found].map(([path, names]) => ({ path, names }));
}
