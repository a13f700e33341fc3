/**
 * Declares the dynamic shared memory of a kernel, `shared`. All kernels of a module declare one and the same array, so that
 * its type and alignment are theirs together: what bulk copies into panels of 128 bytes need.
 */
export const dynamicShared = 'extern __shared__ __align__(1024) unsigned char shared[];';
