import type { Dialect } from './dialect.js';

/** HIP as hipRTC takes it. Cross-lane functions act on all lanes of the warp that are active. */
export const hipDialect: Dialect = {
  header: '',
  intrinsics: {
    halfToFloat: 'return (float)__builtin_bit_cast(_Float16, bits);',
    floatToHalf: 'return __builtin_bit_cast(unsigned short, (_Float16)value);',
    shuffle: 'return (T)__shfl_xor(value, mask);',
    shuffleUp: 'return (T)__shfl_up(value, distance);',
    any: 'return __any(condition);',
    multiplyAddBytes: 'return __builtin_amdgcn_sdot4(x, y, sum, false);',
  },
};
