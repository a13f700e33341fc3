// The level's lines come first: blocks are written in terms of them.
// clang-format off
#include "quantized_line.h"
#include "../shared/quantized_tiles.h"
#include "../shared/quantized_vector.h"
// clang-format on

// vpdpbusd sums four products of an unsigned weight and a signed activation into each int32 lane. 4-bit weights meet
// int8 activations; 6- and 8-bit ones go as int16 pairs through vpdpwssd, which keeps 15 bits of the activation.

namespace halyard::cpu {
namespace {

// Many tokens.

template <int tokens>
void multiply_bytes(const uint8_t* weights, const uint8_t* tile, int64_t blocks, float* results, int64_t stride,
                    bool overwrite) {
  __m512 total[tokens];
#pragma GCC unroll 12
  for (int t = 0; t < tokens; t++) total[t] = overwrite ? _mm512_setzero_ps() : _mm512_loadu_ps(results + t * stride);
  for (int64_t block = 0; block < blocks; block++, weights += kBytesPanel, tile += kBytesTile) {
    __m512i sum[tokens];
#pragma GCC unroll 12
    for (int t = 0; t < tokens; t++) sum[t] = _mm512_setzero_si512();
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
      const __m512i weight = load_line(weights + 64 * i);
#pragma GCC unroll 12
      for (int t = 0; t < tokens; t++) {
        sum[t] = _mm512_dpbusd_epi32(sum[t], weight, broadcast_quad(tile + (i * kTokens + t) * 4));
      }
    }
    const __m512 scale = _mm512_loadu_ps(reinterpret_cast<const float*>(weights + 512));
    const __m512 minimum = _mm512_loadu_ps(reinterpret_cast<const float*>(weights + 576));
#pragma GCC unroll 12
    for (int t = 0; t < tokens; t++) {
      const uint8_t* scales = tile + 32 * kTokens + 4 * t;
      total[t] = _mm512_fmadd_ps(minimum, broadcast_float(scales + 4 * kTokens), total[t]);
      total[t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum[t]), _mm512_mul_ps(scale, broadcast_float(scales)), total[t]);
    }
  }
#pragma GCC unroll 12
  for (int t = 0; t < tokens; t++) _mm512_storeu_ps(results + t * stride, total[t]);
}

template <int tokens>
void multiply_words(const uint8_t* weights, const uint8_t* tile, int64_t blocks, float* results, int64_t stride,
                    bool overwrite) {
  __m512 total[tokens];
#pragma GCC unroll 12
  for (int t = 0; t < tokens; t++) total[t] = overwrite ? _mm512_setzero_ps() : _mm512_loadu_ps(results + t * stride);
  for (int64_t block = 0; block < blocks; block++, weights += kWordsPanel, tile += kWordsTile) {
    __m512i sum[tokens];
#pragma GCC unroll 12
    for (int t = 0; t < tokens; t++) sum[t] = _mm512_setzero_si512();
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) {
      const __m512i weight = load_line(weights + 64 * i);
#pragma GCC unroll 12
      for (int t = 0; t < tokens; t++) {
        sum[t] = _mm512_dpwssd_epi32(sum[t], weight, broadcast_quad(tile + (i * kTokens + t) * 4));
      }
    }
    const __m512 scale = _mm512_loadu_ps(reinterpret_cast<const float*>(weights + 1024));
#pragma GCC unroll 12
    for (int t = 0; t < tokens; t++) {
      const __m512 both = _mm512_mul_ps(scale, broadcast_float(tile + 64 * kTokens + 4 * t));
      total[t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum[t]), both, total[t]);
    }
  }
#pragma GCC unroll 12
  for (int t = 0; t < tokens; t++) _mm512_storeu_ps(results + t * stride, total[t]);
}

using Multiply = void (*)(const uint8_t*, const uint8_t*, int64_t, float*, int64_t, bool);

constexpr Multiply kMultiply[2][kTokens] = {
    {multiply_bytes<1>, multiply_bytes<2>, multiply_bytes<3>, multiply_bytes<4>, multiply_bytes<5>, multiply_bytes<6>,
     multiply_bytes<7>, multiply_bytes<8>, multiply_bytes<9>, multiply_bytes<10>, multiply_bytes<11>,
     multiply_bytes<12>},
    {multiply_words<1>, multiply_words<2>, multiply_words<3>, multiply_words<4>, multiply_words<5>, multiply_words<6>,
     multiply_words<7>, multiply_words<8>, multiply_words<9>, multiply_words<10>, multiply_words<11>,
     multiply_words<12>}};

void multiply(ActivationForm form, const uint8_t* expanded, int32_t, const uint8_t* tile, int32_t tokens,
              int64_t blocks, float* results, int64_t stride, bool overwrite) {
  kMultiply[static_cast<int>(form)][tokens - 1](expanded, tile, blocks, results, stride, overwrite);
}

// One token.

template <BlockFormat format, int panels>
INLINE void vector_nibbles(const uint8_t* packed, int64_t panel_bytes, const uint8_t* activation, int64_t blocks,
                           float* results) {
  const int64_t ahead = distance_ahead(panels, panel_bytes);
  const __m512i mask = _mm512_set1_epi8(15);
  __m512 total[panels];
  for (int p = 0; p < panels; p++) total[p] = _mm512_setzero_ps();
  for (int64_t block = 0; block < blocks; block++, activation += kVectorBlock) {
    __m512i high[panels];
    __m512i low[panels];
    Nibbles<format> from[panels];
#pragma GCC unroll 2
    for (int p = 0; p < panels; p++) {
      high[p] = _mm512_setzero_si512();
      low[p] = _mm512_setzero_si512();
      from[p] = Nibbles<format>::at(packed + p * panel_bytes, block);
      prefetch_lines(from[p].lines + ahead, 320);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
#pragma GCC unroll 2
      for (int p = 0; p < panels; p++) {
        const __m512i line = load_line(from[p].lines + 64 * i);
        const __m512i first = _mm512_and_si512(line, mask);
        const __m512i second = _mm512_and_si512(_mm512_srli_epi16(line, 4), mask);
        high[p] = _mm512_dpbusd_epi32(high[p], first, broadcast_quad(activation + 8 * i));
        high[p] = _mm512_dpbusd_epi32(high[p], second, broadcast_quad(activation + 8 * i + 4));
        low[p] = _mm512_dpbusd_epi32(low[p], first, broadcast_quad(activation + 8 * i + 32));
        low[p] = _mm512_dpbusd_epi32(low[p], second, broadcast_quad(activation + 8 * i + 36));
      }
    }
    const __m512 scale = broadcast_float(activation + 64);
    const __m512 sum = broadcast_float(activation + 68);
#pragma GCC unroll 2
    for (int p = 0; p < panels; p++) {
      const __m512i both = _mm512_add_epi32(_mm512_slli_epi32(high[p], 7), low[p]);
      total[p] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(both), _mm512_mul_ps(from[p].scale, scale), total[p]);
      total[p] = _mm512_fmadd_ps(from[p].minimum, sum, total[p]);
    }
  }
  for (int p = 0; p < panels; p++) _mm512_storeu_ps(results + p * kRows, total[p]);
}

template <int panels>
INLINE void vector_bytes(const uint8_t* packed, int64_t panel_bytes, const uint8_t* activation, int64_t blocks,
                         float* results) {
  const int64_t ahead = distance_ahead(panels, panel_bytes);
  const __m512i low = _mm512_set1_epi16(255);
  __m512 total[panels];
  for (int p = 0; p < panels; p++) total[p] = _mm512_setzero_ps();
  for (int64_t block = 0; block < blocks; block++, activation += kVectorBlock) {
    __m512i sum[panels];
#pragma GCC unroll 2
    for (int p = 0; p < panels; p++) {
      sum[p] = broadcast_quad(activation + 68);
      prefetch_lines(packed + ahead + p * panel_bytes + block * 544, 544);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
      const __m512i even = broadcast_quad(activation + 8 * i);
      const __m512i odd = broadcast_quad(activation + 8 * i + 4);
#pragma GCC unroll 2
      for (int p = 0; p < panels; p++) {
        const __m512i line = load_line(packed + p * panel_bytes + block * 544 + 64 * i);
        sum[p] = _mm512_dpwssd_epi32(sum[p], _mm512_and_si512(line, low), even);
        sum[p] = _mm512_dpwssd_epi32(sum[p], _mm512_srli_epi16(line, 8), odd);
      }
    }
    const __m512 scale = broadcast_float(activation + 64);
#pragma GCC unroll 2
    for (int p = 0; p < panels; p++) {
      const __m512 both = _mm512_mul_ps(load_half(packed + p * panel_bytes + block * 544 + 512), scale);
      total[p] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum[p]), both, total[p]);
    }
  }
  for (int p = 0; p < panels; p++) _mm512_storeu_ps(results + p * kRows, total[p]);
}

INLINE void vector_six(const uint8_t* packed, const uint8_t* activation, int64_t blocks, float* results) {
  const __m512i low = _mm512_set1_epi16(255);
  const __m512i offset = _mm512_set1_epi16(32);
  __m512 total = _mm512_setzero_ps();
  for (int64_t block = 0; block < blocks; block++, activation += kVectorBlock) {
    const uint8_t* super = packed + (block >> 3) * 3360;
    const uint8_t* from = super + (block & 7) * 416;
    prefetch_lines(from + 4096, 416);
    __m512 sum = _mm512_setzero_ps();
#pragma GCC unroll 2
    for (int half = 0; half < 2; half++) {
      __m512i part = _mm512_setzero_si512();
#pragma GCC unroll 2
      for (int j = 2 * half; j < 2 * half + 2; j++) {
        __m512i quads[2];
        six_bits(from, j, quads[0], quads[1]);
#pragma GCC unroll 2
        for (int i = 0; i < 2; i++) {
          const __m512i even = _mm512_sub_epi16(_mm512_and_si512(quads[i], low), offset);
          const __m512i odd = _mm512_sub_epi16(_mm512_srli_epi16(quads[i], 8), offset);
          part = _mm512_dpwssd_epi32(part, even, broadcast_quad(activation + 16 * j + 8 * i));
          part = _mm512_dpwssd_epi32(part, odd, broadcast_quad(activation + 16 * j + 8 * i + 4));
        }
      }
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 384 + 16 * half));
      const __m512 scale = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes));
      sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(part), scale, sum);
    }
    const __m512 both = _mm512_mul_ps(load_half(super + 3328), broadcast_float(activation + 64));
    total = _mm512_fmadd_ps(sum, both, total);
  }
  _mm512_storeu_ps(results, total);
}

}  // namespace

extern const QuantizedMatmulKernels quantized_matmul_avx512vnni = {
    "avx512vnni",
    kRows,
    1,
    kTokens,
    {ActivationForm::bytes, ActivationForm::bytes, ActivationForm::words, ActivationForm::bytes, ActivationForm::words},
    {kBytesTile, kWordsTile},
    {kBytesPanel, kWordsPanel},
    kVectorBlock,
    quantize,
    quantize_vector,
    expand,
    multiply,
    multiply_vector,
};

}  // namespace halyard::cpu
