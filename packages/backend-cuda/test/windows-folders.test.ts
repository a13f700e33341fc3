import { describe, expect, it } from 'vitest';
import { windowsFolders } from '../src/libraries/windows-folders.js';

describe('Windows is looked through', () => {
  it('in the toolkit that CUDA_PATH names, then in those installed, the folder of CUDA 13 before the older one', () => {
    expect(windowsFolders({ CUDA_PATH: 'D:\\cuda', ProgramFiles: 'C:\\Program Files' }, []).slice(0, 4)).toEqual([
      'D:\\cuda\\bin\\x64',
      'D:\\cuda\\bin',
      'C:\\Program Files\\NVIDIA GPU Computing Toolkit\\CUDA\\v*\\bin\\x64',
      'C:\\Program Files\\NVIDIA GPU Computing Toolkit\\CUDA\\v*\\bin',
    ]);
  });

  it("in pip's packages of the active environment, of the user, and of the installed Pythons", () => {
    const folders = windowsFolders(
      { VIRTUAL_ENV: 'C:\\venv', APPDATA: 'C:\\u\\Roaming', LOCALAPPDATA: 'C:\\u\\Local', PYTHONPATH: 'C:\\a;C:\\b' },
      ['cu13', 'cuda_nvrtc'],
    );
    expect(folders).toContain('C:\\venv\\Lib\\site-packages\\nvidia\\cu13\\bin\\x86_64');
    expect(folders).toContain('C:\\venv\\Lib\\site-packages\\nvidia\\cuda_nvrtc\\bin');
    expect(folders).toContain('C:\\u\\Roaming\\Python\\Python3*\\site-packages\\nvidia\\cuda_nvrtc\\bin');
    expect(folders).toContain('C:\\u\\Local\\Programs\\Python\\Python3*\\Lib\\site-packages\\nvidia\\cuda_nvrtc\\bin');
    expect(folders).toContain('C:\\a\\nvidia\\cuda_nvrtc\\bin');
    expect(folders).toContain('C:\\b\\nvidia\\cuda_nvrtc\\bin');
  });

  it('in the active conda environment', () => {
    expect(windowsFolders({ CONDA_PREFIX: 'C:\\conda' }, ['cu13']).slice(0, 2)).toEqual([
      'C:\\conda\\Library\\bin\\x64',
      'C:\\conda\\Library\\bin',
    ]);
  });
});
