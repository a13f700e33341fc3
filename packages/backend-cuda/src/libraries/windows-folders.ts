import { win32 } from 'node:path';

const { delimiter, join } = win32;

/**
 * Where Windows has libraries of NVIDIA's; parts of a folder may end in `*`. The toolkit's first, then those of pip's and
 * conda's packages. From CUDA 13 on they are in a folder more, named after the processor.
 */
export function windowsFolders(environment: NodeJS.ProcessEnv, pipFolders: readonly string[]): string[] {
  return [...toolkitFolders(environment), ...environmentFolders(environment, pipFolders)];
}

function toolkitFolders({ CUDA_HOME, CUDA_PATH, ProgramFiles }: NodeJS.ProcessEnv): string[] {
  const installed = ProgramFiles && join(ProgramFiles, 'NVIDIA GPU Computing Toolkit', 'CUDA', 'v*');
  return present(CUDA_HOME, CUDA_PATH, installed).flatMap((root) => [join(root, 'bin', 'x64'), join(root, 'bin')]);
}

function environmentFolders(environment: NodeJS.ProcessEnv, pipFolders: readonly string[]): string[] {
  const { VIRTUAL_ENV, CONDA_PREFIX, PYTHONPATH, APPDATA, LOCALAPPDATA, ProgramFiles } = environment;
  const installations = present(
    VIRTUAL_ENV,
    CONDA_PREFIX,
    LOCALAPPDATA && join(LOCALAPPDATA, 'Programs', 'Python', 'Python3*'),
    ProgramFiles && join(ProgramFiles, 'Python3*'),
  );
  const sites = installations.map((root) => join(root, 'Lib', 'site-packages'));
  if (APPDATA) sites.push(join(APPDATA, 'Python', 'Python3*', 'site-packages'));
  sites.push(...(PYTHONPATH ?? '').split(delimiter).filter(Boolean));
  const packages = sites.flatMap((site) => pipFolders.map((folder) => join(site, 'nvidia', folder, 'bin')));
  return [
    ...present(CONDA_PREFIX && join(CONDA_PREFIX, 'Library', 'bin')).flatMap((bin) => [join(bin, 'x64'), bin]),
    ...packages.flatMap((bin) => [join(bin, 'x86_64'), bin]),
  ];
}

const present = (...paths: (string | undefined)[]) => paths.filter((path): path is string => Boolean(path));
