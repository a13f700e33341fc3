import type { Helper } from '../../kernel/helper.js';

export const halfToFloat: Helper = {
  name: 'half_to_float',
  text: ({ intrinsics }) => `
__device__ __forceinline__ float half_to_float(unsigned short bits) {
  ${intrinsics.halfToFloat}
}`,
};

export const floatToHalf: Helper = {
  name: 'float_to_half',
  text: ({ intrinsics }) => `
__device__ __forceinline__ unsigned short float_to_half(float value) {
  ${intrinsics.floatToHalf}
}`,
};

export const bfloatToFloat: Helper = {
  name: 'bfloat_to_float',
  text: `
__device__ __forceinline__ float bfloat_to_float(unsigned short bits) {
  return __int_as_float((int)((unsigned int)bits << 16));
}`,
};

/** To nearest even, by integers: no architecture before sm_80 has an instruction for it. */
export const floatToBfloat: Helper = {
  name: 'float_to_bfloat',
  text: `
__device__ __forceinline__ unsigned short float_to_bfloat(float value) {
  const unsigned int bits = (unsigned int)__float_as_int(value);
  if (value != value) return (unsigned short)0x7fc0;
  return (unsigned short)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}`,
};

export const roundToHalf: Helper = {
  name: 'round_to_half',
  requires: [halfToFloat, floatToHalf],
  text: `
__device__ __forceinline__ float round_to_half(float value) {
  return half_to_float(float_to_half(value));
}`,
};

export const roundToBfloat: Helper = {
  name: 'round_to_bfloat',
  requires: [bfloatToFloat, floatToBfloat],
  text: `
__device__ __forceinline__ float round_to_bfloat(float value) {
  return bfloat_to_float(float_to_bfloat(value));
}`,
};

/** An integer as a float that rounds on to any narrower float as the integer itself would: rounded to odd. */
export const integerToOddFloat: Helper = {
  name: 'integer_to_odd_float',
  text: `
__device__ __forceinline__ float integer_to_odd_float(unsigned long long magnitude) {
  const int length = 64 - __clzll((long long)magnitude);
  if (length <= 24) return (float)magnitude;
  const int shift = length - 24;
  unsigned long long top = magnitude >> shift;
  if ((top << shift) != magnitude) top |= 1ull;
  return (float)(top << shift);
}
__device__ __forceinline__ float integer_to_odd_float(long long value) {
  const unsigned long long magnitude = value < 0 ? 0ull - (unsigned long long)value : (unsigned long long)value;
  const float rounded = integer_to_odd_float(magnitude);
  return value < 0 ? -rounded : rounded;
}`,
};

/** A float saturates to an integer; NaN becomes 0. */
export const saturate: Helper = {
  name: 'saturate',
  text: `
__device__ __forceinline__ int saturate_int32(float value) {
  return value != value ? 0 : __float2int_rz(value);
}
__device__ __forceinline__ unsigned int saturate_uint32(float value) {
  return value > 0.0f ? __float2uint_rz(value) : 0u;
}
__device__ __forceinline__ long long saturate_int64(float value) {
  if (value != value) return 0;
  if (value >= 9223372036854775808.0f) return (long long)0x7fffffffffffffffull;
  if (value <= -9223372036854775808.0f) return (long long)0x8000000000000000ull;
  return __float2ll_rz(value);
}
__device__ __forceinline__ unsigned long long saturate_uint64(float value) {
  if (!(value > 0.0f)) return 0ull;
  return value >= 18446744073709551616.0f ? 0xffffffffffffffffull : __float2ull_rz(value);
}
__device__ __forceinline__ signed char saturate_int8(float value) {
  return value != value ? (signed char)0 : (signed char)__float2int_rz(fminf(fmaxf(value, -128.0f), 127.0f));
}
__device__ __forceinline__ unsigned char saturate_uint8(float value) {
  return value != value ? (unsigned char)0 : (unsigned char)__float2int_rz(fminf(fmaxf(value, 0.0f), 255.0f));
}`,
};
