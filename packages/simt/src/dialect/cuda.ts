import type { Dialect } from './dialect.js';

/** CUDA C++ as NVRTC takes it, without any header. */
export const cudaDialect: Dialect = {
  // Values that a program computes and does not use, and tests that a type decides, are no mistakes in generated code.
  header: '#pragma nv_diag_suppress 177,186,550',
  intrinsics: {
    halfToFloat: 'float value; asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits)); return value;',
    floatToHalf: 'unsigned short bits; asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value)); return bits;',
    shuffle: 'return (T)__shfl_xor_sync(0xffffffffu, value, mask);',
    shuffleUp: 'return (T)__shfl_up_sync(0xffffffffu, value, distance);',
    any: 'return __any_sync(0xffffffffu, condition);',
    // `__dp4a` is a function of a header for NVRTC 11.
    multiplyAddBytes: 'asm("dp4a.s32.s32 %0, %1, %2, %0;" : "+r"(sum) : "r"(x), "r"(y)); return sum;',
  },
};
