import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { locateNvrtc } from '../src/libraries/locate-nvrtc.js';
import { folderWith, removeFolders } from './support/fake-driver.js';

afterAll(removeFolders);

describe.runIf(process.platform !== 'win32')('NVRTC is looked for', () => {
  it('where HALYARD_NVRTC says, and then nowhere else: a file, or a folder', async () => {
    const root = folderWith('libnvrtc.so.12', 'libnvrtc-builtins.so.12.9');
    const expected = [join(root, 'libnvrtc.so.12')];
    expect(await locateNvrtc({ HALYARD_NVRTC: join(root, 'libnvrtc.so.12') })).toEqual(expected);
    expect(await locateNvrtc({ HALYARD_NVRTC: root })).toEqual(expected);
    expect(await locateNvrtc({ HALYARD_NVRTC: '/nowhere/libnvrtc.so' })).toEqual(['/nowhere/libnvrtc.so']);
  });

  it('in the toolkit that CUDA_HOME or CUDA_PATH names', async () => {
    const home = folderWith('lib64/libnvrtc.so.11.2');
    const path = folderWith('targets/x86_64-linux/lib/libnvrtc.so.13');
    const found = await locateNvrtc({ CUDA_HOME: home, CUDA_PATH: path });
    expect(found.slice(0, 2)).toEqual([
      join(home, 'lib64/libnvrtc.so.11.2'),
      join(path, 'targets/x86_64-linux/lib/libnvrtc.so.13'),
    ]);
  });

  it.each([['nvidia/cuda_nvrtc/lib/libnvrtc.so.12'], ['nvidia/cu13/lib/libnvrtc.so.13']])(
    "in pip's %s of the active environment",
    async (library) => {
      const file = join('lib/python3.11/site-packages', library);
      const root = folderWith(file);
      expect(await locateNvrtc({ VIRTUAL_ENV: root })).toContain(join(root, file));
    },
  );

  it('of every major version that a folder has, as several packages of pip share one', async () => {
    const folder = 'lib/python3.11/site-packages/nvidia/cuda_nvrtc/lib';
    const root = folderWith(
      ...['libnvrtc.so.11.2', 'libnvrtc.so.12', 'libnvrtc.so.12.9.86', 'libnvrtc-builtins.so.12.9'].map((name) =>
        join(folder, name),
      ),
    );
    const found = await locateNvrtc({ VIRTUAL_ENV: root });
    expect(found.filter((path) => path.startsWith(root))).toEqual([
      join(root, folder, 'libnvrtc.so.12'),
      join(root, folder, 'libnvrtc.so.11.2'),
    ]);
  });

  it('in the active conda environment', async () => {
    const root = folderWith('lib/libnvrtc.so.12.4.127');
    expect(await locateNvrtc({ CONDA_PREFIX: root })).toContain(join(root, 'lib/libnvrtc.so.12.4.127'));
  });

  it("under the names that the loader may know, last, and never as something else of NVIDIA's", async () => {
    const root = folderWith(
      'lib64/libnvrtc.so',
      'lib64/libnvrtc.so.12',
      'lib64/libnvrtc.alt.so.12',
      'lib64/libnvrtc_static.a',
    );
    const found = await locateNvrtc({ CUDA_HOME: root });
    expect(found.filter((path) => path.startsWith(root))).toEqual([join(root, 'lib64/libnvrtc.so.12')]);
    expect(found.slice(-3)).toEqual(['libnvrtc.so.13', 'libnvrtc.so.12', 'libnvrtc.so.11.2']);
  });
});
