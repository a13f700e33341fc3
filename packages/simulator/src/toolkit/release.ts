/** One of NVIDIA's wheels on PyPI, and what of it a toolkit consists of. */
export interface Wheel {
  readonly package: string;
  readonly version: string;
  /** Of the wheel for Linux on x86-64. */
  readonly sha256: string;
  /** The folder in the wheel that stands for the toolkit's root. */
  readonly root: string;
  /** What is taken: paths below the root, a folder with all that is in it. */
  readonly members: readonly string[];
  /**
   * SHA-256 of every member, where each is a file: they are then read out of the wheel where it lies on the index, if that
   * can be, without the rest of it.
   */
  readonly digests?: Readonly<Record<string, string>>;
}

/** NVRTC, ptxas and the headers of one CUDA release. */
export interface Release {
  readonly version: string;
  readonly wheels: readonly Wheel[];
  /** Below the toolkit's root. */
  readonly nvrtc: string;
}

/** Up to 12 each package has a root of its own, and the major version in its name. */
const until12 = (name: string, major: 11 | 12, version: string, sha256: string, members: readonly string[]): Wheel => ({
  package: `nvidia-cuda-${name}-cu${major}`,
  version,
  sha256,
  root: `nvidia/cuda_${name}/`,
  members,
});

const cuda11 = (name: string, sha256: string, members: readonly string[]) =>
  until12(name, 11, '11.8.89', sha256, members);

const cuda12 = (name: string, version: string, sha256: string, members: readonly string[]) =>
  until12(name, 12, version, sha256, members);

const cuda13 = (name: string, version: string, sha256: string, members: readonly string[]): Wheel => ({
  package: `nvidia-cuda-${name}`,
  version,
  sha256,
  root: 'nvidia/cu13/',
  members,
});

/** By major version. 11 ends with sm_90, 12 is the last that knows Volta (sm_70), 13 knows sm_75 and later. */
export const releases = {
  '11': {
    version: '11.8.89',
    nvrtc: 'lib/libnvrtc.so.11.2',
    wheels: [
      cuda11('nvrtc', 'a8d02f3cba345be56b1ffc3e74d8f61f02bb758dd31b0f20e12277a5a244f756', [
        'lib/libnvrtc.so.11.2',
        'lib/libnvrtc-builtins.so.11.8',
        'include/',
      ]),
      cuda11('nvcc', 'f8e1e995166c884f2f5bf94975d7abb89175363b8712f7f81cd38d0df1b2cd85', ['bin/ptxas', 'include/']),
      cuda11('runtime', '92d04069a987e1fbc9213f8376d265df0f7bb42617d44f5eda1f496acea7f2d1', ['include/']),
    ],
  },
  '12': {
    version: '12.9.86',
    nvrtc: 'lib/libnvrtc.so.12',
    wheels: [
      cuda12('nvrtc', '12.9.86', '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4', [
        'lib/libnvrtc.so.12',
        'lib/libnvrtc-builtins.so.12.9',
        'include/',
      ]),
      cuda12('nvcc', '12.9.86', '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0', [
        'bin/ptxas',
        'include/',
      ]),
      cuda12('runtime', '12.9.79', '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3', ['include/']),
      cuda12('cccl', '12.9.27', '37869e17ce2e1ecec6eddf1927cca0f8c34e64fd848d40453df559091e2d7117', ['include/nv/']),
    ],
  },
  '13': {
    version: '13.0.88',
    nvrtc: 'lib/libnvrtc.so.13',
    wheels: [
      cuda13('nvrtc', '13.0.88', 'ad9b6d2ead2435f11cbb6868809d2adeeee302e9bb94bcf0539c7a40d80e8575', [
        'lib/libnvrtc.so.13',
        'lib/libnvrtc-builtins.so.13.0',
        'include/',
      ]),
      cuda13('nvcc', '13.0.88', '56fe502eb77625a12f25172caa3cdddb4e4c8ba2c8c17dba44b164761b380f03', ['bin/ptxas']),
      cuda13('crt', '13.0.88', '2c8043c7c9e02492716426e9919fc78d2c5b3b2a7a768a88e952676b08aa55a4', ['include/']),
      cuda13('runtime', '13.0.96', '7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548', ['include/']),
      cuda13('cccl', '13.0.85', 'e0da7ad981f3a8aff08241b5bfc1af868742a63e2762f53a5171c492ef242649', ['include/nv/']),
    ],
  },
} as const satisfies Record<string, Release>;

const headers = (digests: Readonly<Record<string, string>>) => ({ members: Object.keys(digests), digests });

/** cublasLt.h, and what it includes of cuBLAS, of a release of each major version. */
export const cublasHeaders = {
  '12': {
    package: 'nvidia-cublas-cu12',
    version: '12.9.1.4',
    sha256: '453611eb21a7c1f2c2156ed9f3a45b691deda0440ec550860290dc901af5b4c2',
    root: 'nvidia/cublas/',
    ...headers({
      'include/cublasLt.h': '668ffbafe6511d692887201fd632e8b63c74281196621eef5769ba7cb33b4c5a',
      'include/cublas_api.h': 'd5db72cba4c8401fb29a8447e64e6b9c125a30de2c3e385242de657fe4e96cbe',
    }),
  },
  '13': {
    package: 'nvidia-cublas',
    version: '13.1.0.3',
    sha256: 'ee8722c1f0145ab246bccb9e452153b5e0515fd094c3678df50b2a0888b8b171',
    root: 'nvidia/cu13/',
    ...headers({
      'include/cublasLt.h': '8be43fbf48625b98b8562d7df394e6af0d7ee1c05beeb5333577d5e33182fa3e',
      'include/cublas_api.h': '71afd43abd16698be7cbe3120d72700dc0004edc3d3944d865cdbc8d04c22b21',
    }),
  },
} as const satisfies Record<string, Wheel>;

/** Major versions of CUDA that can be fetched. */
export type CudaMajor = keyof typeof releases;
