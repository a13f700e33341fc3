#pragma once

#include <cstdint>
#include <string_view>

#include "../formats.h"
#include "../lanes.h"

namespace halyard::simulator {

/// Types of the operands of matrix instructions.
enum class Element : std::uint8_t { f16, bf16, tf32, s8, u8, e4m3, e5m2, f64, f32, s32, none };

Element find_element(std::string_view name);
std::uint32_t element_bytes(Element element);
/// Index into Counters::matrix_multiply_adds.
int counter_of(Element element);

/// The elements in 32 lanes of a register of 4 bytes: result[lane × per register + i].
inline void unpack(Element element, const std::uint32_t* from, float* to) {
  switch (element) {
    case Element::f16:
      return halves_to_floats(reinterpret_cast<const std::uint16_t*>(from), to, 2 * lanes);
    case Element::bf16:
      return bfloats_to_floats(reinterpret_cast<const std::uint16_t*>(from), to, 2 * lanes);
    case Element::tf32:
      for (int i = 0; i < lanes; ++i) to[i] = to_tf32(std::bit_cast<float>(from[i]));
      return;
    case Element::f32:
      for (int i = 0; i < lanes; ++i) to[i] = std::bit_cast<float>(from[i]);
      return;
    default: {
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(from);
      const auto& values = fp8_values(element == Element::e5m2);
      for (int i = 0; i < 4 * lanes; ++i) to[i] = values[bytes[i]];
    }
  }
}

inline void unpack(Element element, const std::uint32_t* from, std::int32_t* to) {
  if (element == Element::s32) {
    for (int i = 0; i < lanes; ++i) to[i] = static_cast<std::int32_t>(from[i]);
  } else if (element == Element::s8) {
    const auto* bytes = reinterpret_cast<const std::int8_t*>(from);
    for (int i = 0; i < 4 * lanes; ++i) to[i] = bytes[i];
  } else {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(from);
    for (int i = 0; i < 4 * lanes; ++i) to[i] = bytes[i];
  }
}

/// c[m][n] += Σ a[m][k] · b[k][n]; N is a multiple of 8.
template <class T>
inline void multiply_add(const T* a, const T* b, T* c, int m_count, int n_count, int k_count) {
  typedef T Row __attribute__((vector_size(8 * sizeof(T)), aligned(sizeof(T))));
  for (int n = 0; n < n_count; n += 8)
    for (int m = 0; m < m_count; m += 4) {
      // M is a multiple of 8: four rows at once hide the latency of each.
      Row sums[4];
      for (int i = 0; i < 4; ++i) sums[i] = *reinterpret_cast<const Row*>(c + (m + i) * n_count + n);
      for (int k = 0; k < k_count; ++k) {
        const Row row = *reinterpret_cast<const Row*>(b + k * n_count + n);
        for (int i = 0; i < 4; ++i) sums[i] += a[(m + i) * k_count + k] * row;
      }
      for (int i = 0; i < 4; ++i) *reinterpret_cast<Row*>(c + (m + i) * n_count + n) = sums[i];
    }
}

}  // namespace halyard::simulator
