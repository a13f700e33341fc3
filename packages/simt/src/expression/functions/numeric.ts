import type { Helper } from '../../kernel/helper.js';

/** NaN wins. */
export const extremes: Helper = {
  name: 'extremes',
  text: `
template <class T> __device__ __forceinline__ T least(T x, T y) { return x < y || x != x ? x : y; }
template <class T> __device__ __forceinline__ T greatest(T x, T y) { return x > y || x != x ? x : y; }`,
};

export const sign: Helper = {
  name: 'sign_of',
  text: `
template <class T> __device__ __forceinline__ T sign_of(T x) { return x > T(0) ? T(1) : x < T(0) ? T(-1) : x; }`,
};

/** By zero it gives 0; the least by −1 wraps. */
export const integerDivide: Helper = {
  name: 'integer_divide',
  text: `
template <class T> __device__ __forceinline__ T integer_divide(T x, T y) {
  if (y == T(0)) return T(0);
  if (T(-1) < T(0) && y == T(-1)) return T(0ull - (unsigned long long)x);
  return T(x / y);
}`,
};

/** By squaring, modulo the type; a negative exponent truncates the fraction. */
export const integerPower: Helper = {
  name: 'integer_power',
  text: `
template <class T> __device__ __forceinline__ T integer_power(T base, T exponent) {
  if (exponent < T(0)) return base == T(1) ? T(1) : base == T(-1) ? T((exponent & T(1)) ? -1 : 1) : T(0);
  unsigned long long result = 1ull;
  unsigned long long square = (unsigned long long)base;
  for (unsigned long long rest = (unsigned long long)exponent; rest != 0ull; rest >>= 1) {
    if (rest & 1ull) result *= square;
    square *= square;
  }
  return T(result);
}`,
};

export const sigmoid: Helper = {
  name: 'sigmoid',
  text: `
__device__ __forceinline__ float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }`,
};

/** Far below zero the exponential is taken in two parts, so that it does not overflow before the result vanishes. */
export const silu: Helper = {
  name: 'silu',
  text: `
__device__ __forceinline__ float silu(float x) {
  if (x >= -80.0f) return x / (1.0f + expf(-x));
  const float half_way = expf(0.5f * x);
  return x * half_way * half_way;
}`,
};

/** x/2 · erfc(−x/√2): nothing cancels. */
export const gelu: Helper = {
  name: 'gelu',
  text: `
__device__ __forceinline__ float gelu(float x) { return 0.5f * x * erfcf(-0.707106781186547524f * x); }`,
};

/** Philox4x32-10 (Salmon et al., SC 2011): key (seed, 0), block counter/4, word counter mod 4. */
export const random: Helper = {
  name: 'random_word',
  text: `
__device__ __forceinline__ unsigned int random_word(unsigned int seed, unsigned int counter) {
  unsigned int c0 = counter >> 2, c1 = 0u, c2 = 0u, c3 = 0u, k0 = seed, k1 = 0u;
#pragma unroll
  for (int round = 0; round < 10; ++round) {
    const unsigned int high0 = __umulhi(0xd2511f53u, c0), low0 = 0xd2511f53u * c0;
    const unsigned int high1 = __umulhi(0xcd9e8d57u, c2), low1 = 0xcd9e8d57u * c2;
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 += 0x9e3779b9u;
    k1 += 0xbb67ae85u;
  }
  const unsigned int word = counter & 3u;
  return word < 2u ? (word == 0u ? c0 : c1) : (word == 2u ? c2 : c3);
}`,
};
