import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { locateCublasLt } from '../src/libraries/locate-cublaslt.js';
import { folderWith, removeFolders } from './support/fake-driver.js';

afterAll(removeFolders);

describe.runIf(process.platform !== 'win32')('cuBLASLt is looked for', () => {
  it('where HALYARD_CUBLASLT says, and then nowhere else', async () => {
    const root = folderWith('libcublasLt.so.12', 'libcublas.so.12');
    const expected = [join(root, 'libcublasLt.so.12')];
    expect(await locateCublasLt({ HALYARD_CUBLASLT: root })).toEqual(expected);
    expect(await locateCublasLt({ HALYARD_CUBLASLT: expected[0] })).toEqual(expected);
    expect(await locateCublasLt({ HALYARD_CUBLASLT: '/nowhere' })).toEqual(['/nowhere']);
  });

  it.each([['nvidia/cublas/lib/libcublasLt.so.12'], ['nvidia/cu13/lib/libcublasLt.so.13']])(
    "in pip's %s of the active environment",
    async (library) => {
      const file = join('lib/python3.11/site-packages', library);
      const root = folderWith(file);
      expect(await locateCublasLt({ VIRTUAL_ENV: root })).toContain(join(root, file));
    },
  );

  it('in the toolkit, the newest of several, and under the names that the loader may know, last', async () => {
    const root = folderWith(
      'lib64/libcublasLt.so',
      'lib64/libcublasLt.so.12',
      'lib64/libcublasLt.so.12.9.1.4',
      'lib64/libcublasLt.so.13',
      'lib64/libcublasLt_static.a',
    );
    const found = await locateCublasLt({ CUDA_HOME: root });
    expect(found.filter((path) => path.startsWith(root))).toEqual([
      join(root, 'lib64/libcublasLt.so.13'),
      join(root, 'lib64/libcublasLt.so.12'),
    ]);
    expect(found.slice(-3)).toEqual(['libcublasLt.so.13', 'libcublasLt.so.12', 'libcublasLt.so.11']);
  });
});
