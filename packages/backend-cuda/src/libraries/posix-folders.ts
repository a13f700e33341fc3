import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * Where Linux has libraries of NVIDIA's; parts of a folder may end in `*`. The toolkit's first, then those of pip's and
 * conda's packages.
 */
export function posixFolders(environment: NodeJS.ProcessEnv, pipFolders: readonly string[]): string[] {
  return [...toolkitFolders(environment), ...environmentFolders(environment, pipFolders)];
}

function toolkitFolders({ CUDA_HOME, CUDA_PATH }: NodeJS.ProcessEnv): string[] {
  const roots = [CUDA_HOME, CUDA_PATH, '/usr/local/cuda', '/usr/local/cuda-*', '/opt/cuda'];
  return roots
    .filter((root): root is string => Boolean(root))
    .flatMap((root) => [join(root, 'lib64'), join(root, 'targets', '*', 'lib'), join(root, 'lib')]);
}

function environmentFolders(environment: NodeJS.ProcessEnv, pipFolders: readonly string[]): string[] {
  const { VIRTUAL_ENV, CONDA_PREFIX, PYTHONPATH } = environment;
  const prefixes = [VIRTUAL_ENV, CONDA_PREFIX, join(homedir(), '.local'), '/usr/local', '/usr'].filter(
    (prefix): prefix is string => Boolean(prefix),
  );
  const sites = prefixes.flatMap((prefix) => [
    join(prefix, 'lib', 'python3*', 'site-packages'),
    join(prefix, 'lib', 'python3*', 'dist-packages'),
  ]);
  sites.push(...(PYTHONPATH ?? '').split(delimiter).filter(Boolean));
  return [
    ...(CONDA_PREFIX ? [join(CONDA_PREFIX, 'lib'), join(CONDA_PREFIX, 'targets', '*', 'lib')] : []),
    ...sites.flatMap((site) => pipFolders.map((folder) => join(site, 'nvidia', folder, 'lib'))),
  ];
}
