// The level's lines come first: blocks are written in terms of them.
// clang-format off
#include "quantized_line.h"
#include "../shared/quantized_tiles.h"
#include "../shared/quantized_vector.h"
// clang-format on

// Products of a 4-bit quant (0…15) and an int8 activation are summed in int16 over a whole block of 32 by maddubs:
// eight quads of two pairs, 8 · 2 · 15 · 127 = 30 480, stay in range. One madd by ones per block then widens to int32.

namespace halyard::cpu {
namespace {

constexpr int kPanels = 2;

// Many tokens.

template <int panels, int tokens>
void multiply_bytes(const uint8_t* weights, const uint8_t* tile, int64_t blocks, float* results, int64_t stride,
                    bool overwrite) {
  const __m256i ones = _mm256_set1_epi16(1);
  for (int64_t block = 0; block < blocks; block++, weights += kBytesPanel * panels, tile += kBytesTile) {
    __m256i sum[panels][tokens];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
      __m256i weight[panels];
#pragma GCC unroll 2
      for (int p = 0; p < panels; p++) weight[p] = load_line(weights + p * kBytesPanel + 32 * i);
#pragma GCC unroll 4
      for (int t = 0; t < tokens; t++) {
        const __m256i activation = broadcast_quad(tile + (i * kTokens + t) * 4);
#pragma GCC unroll 2
        for (int p = 0; p < panels; p++) {
          const __m256i product = _mm256_maddubs_epi16(weight[p], activation);
          sum[p][t] = i == 0 ? product : keep_order(_mm256_add_epi16(sum[p][t], product));
        }
      }
    }
#pragma GCC unroll 2
    for (int p = 0; p < panels; p++) {
      const __m256 scale = _mm256_loadu_ps(reinterpret_cast<const float*>(weights + p * kBytesPanel + 256));
      const __m256 minimum = _mm256_loadu_ps(reinterpret_cast<const float*>(weights + p * kBytesPanel + 288));
#pragma GCC unroll 4
      for (int t = 0; t < tokens; t++) {
        float* to = results + t * stride + p * kRows;
        const __m256 product = _mm256_cvtepi32_ps(_mm256_madd_epi16(sum[p][t], ones));
        const __m256 before = overwrite ? _mm256_setzero_ps() : _mm256_loadu_ps(to);
        const uint8_t* scales = tile + 32 * kTokens + 4 * t;
        const __m256 both = _mm256_mul_ps(scale, broadcast_float(scales));
        const __m256 least = _mm256_fmadd_ps(minimum, broadcast_float(scales + 4 * kTokens), before);
        _mm256_storeu_ps(to, _mm256_fmadd_ps(product, both, least));
      }
    }
    overwrite = false;
  }
}

template <int panels, int tokens>
void multiply_words(const uint8_t* weights, const uint8_t* tile, int64_t blocks, float* results, int64_t stride,
                    bool overwrite) {
  for (int64_t block = 0; block < blocks; block++, weights += kWordsPanel * panels, tile += kWordsTile) {
    __m256i sum[panels][tokens];
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) {
      __m256i weight[panels];
#pragma GCC unroll 2
      for (int p = 0; p < panels; p++) weight[p] = load_line(weights + p * kWordsPanel + 32 * i);
#pragma GCC unroll 4
      for (int t = 0; t < tokens; t++) {
        const __m256i activation = broadcast_quad(tile + (i * kTokens + t) * 4);
#pragma GCC unroll 2
        for (int p = 0; p < panels; p++) {
          const __m256i product = _mm256_madd_epi16(weight[p], activation);
          sum[p][t] = i == 0 ? product : keep_order(_mm256_add_epi32(sum[p][t], product));
        }
      }
    }
#pragma GCC unroll 2
    for (int p = 0; p < panels; p++) {
      const __m256 scale = _mm256_loadu_ps(reinterpret_cast<const float*>(weights + p * kWordsPanel + 512));
#pragma GCC unroll 4
      for (int t = 0; t < tokens; t++) {
        float* to = results + t * stride + p * kRows;
        const __m256 both = _mm256_mul_ps(scale, broadcast_float(tile + 64 * kTokens + 4 * t));
        const __m256 before = overwrite ? _mm256_setzero_ps() : _mm256_loadu_ps(to);
        _mm256_storeu_ps(to, _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum[p][t]), both, before));
      }
    }
    overwrite = false;
  }
}

using Multiply = void (*)(const uint8_t*, const uint8_t*, int64_t, float*, int64_t, bool);

constexpr Multiply kMultiply[2][kPanels][kTokens] = {
    {{multiply_bytes<1, 1>, multiply_bytes<1, 2>, multiply_bytes<1, 3>, multiply_bytes<1, 4>},
     {multiply_bytes<2, 1>, multiply_bytes<2, 2>, multiply_bytes<2, 3>, multiply_bytes<2, 4>}},
    {{multiply_words<1, 1>, multiply_words<1, 2>, multiply_words<1, 3>, multiply_words<1, 4>},
     {multiply_words<2, 1>, multiply_words<2, 2>, multiply_words<2, 3>, multiply_words<2, 4>}}};

void multiply(ActivationForm form, const uint8_t* expanded, int32_t count, const uint8_t* tile, int32_t tokens,
              int64_t blocks, float* results, int64_t stride, bool overwrite) {
  kMultiply[static_cast<int>(form)][count - 1][tokens - 1](expanded, tile, blocks, results, stride, overwrite);
}

// One token.

template <BlockFormat format, int panels>
INLINE void vector_nibbles(const uint8_t* packed, int64_t panel_bytes, const uint8_t* activation, int64_t blocks,
                           float* results) {
  const int64_t ahead = distance_ahead(panels, panel_bytes);
  const __m256i mask = _mm256_set1_epi8(15);
  const __m256i ones = _mm256_set1_epi16(1);
  const __m256i upper = _mm256_set1_epi16(128);
  __m256 total[panels];
  for (int p = 0; p < panels; p++) total[p] = _mm256_setzero_ps();
  for (int64_t block = 0; block < blocks; block++, activation += kVectorBlock) {
    __m256i high[panels];
    __m256i low[panels];
    Nibbles<format> from[panels];
#pragma GCC unroll 2
    for (int p = 0; p < panels; p++) {
      from[p] = Nibbles<format>::at(packed + p * panel_bytes, block);
      prefetch_lines(from[p].lines + ahead, 160);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
#pragma GCC unroll 2
      for (int p = 0; p < panels; p++) {
        const __m256i line = load_line(from[p].lines + 32 * i);
        const __m256i first = _mm256_and_si256(line, mask);
        const __m256i second = _mm256_and_si256(_mm256_srli_epi16(line, 4), mask);
        const __m256i a = _mm256_maddubs_epi16(first, broadcast_quad(activation + 8 * i));
        const __m256i b = _mm256_maddubs_epi16(second, broadcast_quad(activation + 8 * i + 4));
        const __m256i c = _mm256_maddubs_epi16(first, broadcast_quad(activation + 8 * i + 32));
        const __m256i d = _mm256_maddubs_epi16(second, broadcast_quad(activation + 8 * i + 36));
        high[p] = keep_order(i == 0 ? _mm256_add_epi16(a, b) : _mm256_add_epi16(high[p], _mm256_add_epi16(a, b)));
        low[p] = keep_order(i == 0 ? _mm256_add_epi16(c, d) : _mm256_add_epi16(low[p], _mm256_add_epi16(c, d)));
      }
    }
    const __m256 scale = broadcast_float(activation + 64);
    const __m256 sum = broadcast_float(activation + 68);
#pragma GCC unroll 2
    for (int p = 0; p < panels; p++) {
      const __m256i both = _mm256_add_epi32(_mm256_madd_epi16(high[p], upper), _mm256_madd_epi16(low[p], ones));
      total[p] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(both), _mm256_mul_ps(from[p].scale, scale), total[p]);
      total[p] = _mm256_fmadd_ps(from[p].minimum, sum, total[p]);
    }
  }
  for (int p = 0; p < panels; p++) _mm256_storeu_ps(results + p * kRows, total[p]);
}

template <int panels>
INLINE void vector_bytes(const uint8_t* packed, int64_t panel_bytes, const uint8_t* activation, int64_t blocks,
                         float* results) {
  const int64_t ahead = distance_ahead(panels, panel_bytes);
  const __m256i low = _mm256_set1_epi16(255);
  __m256 total[panels];
  for (int p = 0; p < panels; p++) total[p] = _mm256_setzero_ps();
  for (int64_t block = 0; block < blocks; block++, activation += kVectorBlock) {
    __m256i sum[panels];
#pragma GCC unroll 2
    for (int p = 0; p < panels; p++) {
      sum[p] = broadcast_quad(activation + 68);
      prefetch_lines(packed + ahead + p * panel_bytes + block * 272, 272);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
      const __m256i even = broadcast_quad(activation + 8 * i);
      const __m256i odd = broadcast_quad(activation + 8 * i + 4);
#pragma GCC unroll 2
      for (int p = 0; p < panels; p++) {
        const __m256i line = load_line(packed + p * panel_bytes + block * 272 + 32 * i);
        const __m256i a = _mm256_madd_epi16(_mm256_and_si256(line, low), even);
        const __m256i b = _mm256_madd_epi16(_mm256_srli_epi16(line, 8), odd);
        sum[p] = keep_order(_mm256_add_epi32(sum[p], _mm256_add_epi32(a, b)));
      }
    }
    const __m256 scale = broadcast_float(activation + 64);
#pragma GCC unroll 2
    for (int p = 0; p < panels; p++) {
      const __m256 both = _mm256_mul_ps(load_half(packed + p * panel_bytes + block * 272 + 256), scale);
      total[p] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum[p]), both, total[p]);
    }
  }
  for (int p = 0; p < panels; p++) _mm256_storeu_ps(results + p * kRows, total[p]);
}

INLINE void vector_six(const uint8_t* packed, const uint8_t* activation, int64_t blocks, float* results) {
  const __m256i low = _mm256_set1_epi16(255);
  const __m256i offset = _mm256_set1_epi16(32);
  __m256 total = _mm256_setzero_ps();
  for (int64_t block = 0; block < blocks; block++, activation += kVectorBlock) {
    const uint8_t* super = packed + (block >> 3) * 1680;
    const uint8_t* from = super + (block & 7) * 208;
    prefetch_lines(from + 4096, 208);
    __m256 sum = _mm256_setzero_ps();
#pragma GCC unroll 2
    for (int half = 0; half < 2; half++) {
      __m256i part = _mm256_setzero_si256();
#pragma GCC unroll 2
      for (int j = 2 * half; j < 2 * half + 2; j++) {
        __m256i quads[2];
        six_bits(from, j, quads[0], quads[1]);
#pragma GCC unroll 2
        for (int i = 0; i < 2; i++) {
          const __m256i even = _mm256_sub_epi16(_mm256_and_si256(quads[i], low), offset);
          const __m256i odd = _mm256_sub_epi16(_mm256_srli_epi16(quads[i], 8), offset);
          const __m256i a = _mm256_madd_epi16(even, broadcast_quad(activation + 16 * j + 8 * i));
          const __m256i b = _mm256_madd_epi16(odd, broadcast_quad(activation + 16 * j + 8 * i + 4));
          part = _mm256_add_epi32(part, _mm256_add_epi32(a, b));
        }
      }
      const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from + 192 + 8 * half));
      const __m256 scale = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
      sum = _mm256_fmadd_ps(_mm256_cvtepi32_ps(part), scale, sum);
    }
    const __m256 both = _mm256_mul_ps(load_half(super + 1664), broadcast_float(activation + 64));
    total = _mm256_fmadd_ps(sum, both, total);
  }
  _mm256_storeu_ps(results, total);
}

}  // namespace

extern const QuantizedMatmulKernels quantized_matmul_avx2 = {
    "avx2",
    kRows,
    kPanels,
    kTokens,
    {ActivationForm::bytes, ActivationForm::bytes, ActivationForm::words, ActivationForm::bytes, ActivationForm::words},
    {kBytesTile, kWordsTile},
    {kBytesPanel * kPanels, kWordsPanel * kPanels},
    kVectorBlock,
    quantize,
    quantize_vector,
    expand,
    multiply,
    multiply_vector,
};

}  // namespace halyard::cpu
