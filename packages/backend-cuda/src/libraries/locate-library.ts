import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const isWindows = process.platform === 'win32';

/** A library of NVIDIA's, as it is packaged. */
export interface LibraryNames {
  /** A file or folder that the user has named: then nothing else is looked for. */
  readonly given: string | undefined;
  /** Of the library itself. */
  readonly fileName: RegExp;
  /** What the loader may find by itself; newest first. */
  readonly bareNames: readonly string[];
  /** Where pip's packages have it, below `nvidia`. */
  readonly pipFolders: readonly string[];
}

/**
 * Files that may be a library, and names for the loader to look up: in `CUDA_HOME` and `CUDA_PATH`, in the toolkit's usual
 * folders, beside the active Python and conda environments, in pip's folders of the user and the system. None of them has
 * been loaded.
 */
export async function locateLibrary(
  { given, fileName, bareNames, pipFolders }: LibraryNames,
  environment: NodeJS.ProcessEnv,
): Promise<string[]> {
  if (given) {
    const isFile = fileName.test(given.split(/[\\/]/).at(-1)!) || !existsSync(given);
    return isFile ? [given] : librariesIn([given], fileName);
  }
  const folders = [...toolkitFolders(environment), ...environmentFolders(environment, pipFolders)];
  return [...(await librariesIn(folders, fileName)), ...bareNames];
}

/** Folders in which a toolkit that was installed has its libraries. */
function toolkitFolders({ CUDA_HOME, CUDA_PATH, ProgramFiles }: NodeJS.ProcessEnv): string[] {
  const roots = [CUDA_HOME, CUDA_PATH].filter((root): root is string => Boolean(root));
  if (isWindows) {
    const installed = join(ProgramFiles ?? 'C:\\Program Files', 'NVIDIA GPU Computing Toolkit', 'CUDA');
    return [...roots.flatMap((root) => [join(root, 'bin'), join(root, 'bin', 'x64')]), join(installed, '*', 'bin')];
  }
  return [...roots, '/usr/local/cuda', '/usr/local/cuda-*', '/opt/cuda'].flatMap((root) => [
    join(root, 'lib64'),
    join(root, 'targets', '*', 'lib'),
    join(root, 'lib'),
  ]);
}

/** Folders of pip's and conda's packages. */
function environmentFolders(environment: NodeJS.ProcessEnv, pipFolders: readonly string[]): string[] {
  const { VIRTUAL_ENV, CONDA_PREFIX, PYTHONPATH } = environment;
  const prefixes = [VIRTUAL_ENV, CONDA_PREFIX, join(homedir(), '.local'), '/usr/local', '/usr'].filter(
    (prefix): prefix is string => Boolean(prefix),
  );
  const sites = prefixes.flatMap((prefix) =>
    isWindows
      ? [join(prefix, 'Lib', 'site-packages')]
      : [join(prefix, 'lib', 'python3*', 'site-packages'), join(prefix, 'lib', 'python3*', 'dist-packages')],
  );
  sites.push(...(PYTHONPATH ?? '').split(delimiter).filter(Boolean));
  const library = isWindows ? 'bin' : 'lib';
  return [
    ...(CONDA_PREFIX ? [join(CONDA_PREFIX, library), join(CONDA_PREFIX, 'targets', '*', 'lib')] : []),
    ...sites.flatMap((site) => pipFolders.map((folder) => join(site, 'nvidia', folder, library))),
  ];
}

/** The libraries in folders whose parts may end in `*`: of each major version one, under its shortest name. */
async function librariesIn(patterns: readonly string[], fileName: RegExp): Promise<string[]> {
  const found: string[] = [];
  for (const pattern of new Set(patterns)) {
    for (const folder of await expand(pattern)) {
      const names = (await readdir(folder).catch(() => [])).filter((name) => fileName.test(name)).sort();
      // `libnvrtc.so`, `libnvrtc.so.12` and `libnvrtc.so.12.9.86` are one and the same.
      const versioned = names.filter((name) => !name.endsWith('.so'));
      const byMajor = new Map(versioned.reverse().map((name) => [majorOf(name), name]));
      found.push(...(byMajor.size > 0 ? [...byMajor.values()] : names).map((name) => join(folder, name)));
    }
  }
  return [...new Set(found)];
}

/** `12` of `libnvrtc.so.12.9.86`; on Windows the whole number: `120` of `nvrtc64_120_0.dll`. */
const majorOf = (name: string): string => /\d+/.exec(name.replace(/^[A-Za-z]+64/, ''))![0];

async function expand(pattern: string): Promise<string[]> {
  const at = pattern.split(/[\\/]/).findIndex((part) => part.includes('*'));
  if (at < 0) return [pattern];
  const parts = pattern.split(/[\\/]/);
  const base = parts.slice(0, at).join('/') || '/';
  const prefix = parts[at]!.slice(0, parts[at]!.indexOf('*'));
  const rest = parts.slice(at + 1).join('/');
  const names = (await readdir(base).catch(() => [])).filter((name) => name.startsWith(prefix)).sort();
  const expanded = await Promise.all(names.reverse().map((name) => expand(join(base, name, rest))));
  return expanded.flat();
}
