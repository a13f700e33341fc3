#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "../instructions/matrix_elements.h"
#include "matrix_descriptor.h"
#include "reads_in_flight.h"

namespace halyard::simulator {

struct MicroOp;
struct Warp;

/// What a warp reads of a matrix in shared memory for one product: core matrices from `first` on, as many as `outer`
/// along M or N and `inner` along K.
struct MatrixPart {
  MatrixDescriptor descriptor;
  bool is_transposed = false;
  std::uint32_t first = 0, outer = 0, inner = 0;
};

/// Checks that all of it may be read, notes that it is from now on, and, where `counts` says so, counts the rounds
/// through the banks. False: the warp has failed.
bool begin_matrix_read(Warp& warp, const MicroOp& op, const MatrixPart& part, bool counts, AsynchronousRead& read);

/// The 16 bytes at a place as numbers.
template <class T>
inline void unpack_chunk(Element element, const std::byte* from, T* to) {
  alignas(16) std::uint32_t words[4];
  std::memcpy(words, from, sizeof(words));
  if constexpr (std::is_same_v<T, float>) {
    if (element == Element::f16) return halves_to_floats(reinterpret_cast<const std::uint16_t*>(words), to, 8);
    if (element == Element::bf16) return bfloats_to_floats(reinterpret_cast<const std::uint16_t*>(words), to, 8);
    if (element == Element::tf32) {
      for (int i = 0; i < 4; ++i) to[i] = to_tf32(std::bit_cast<float>(words[i]));
      return;
    }
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(words);
    const auto& values = fp8_values(element == Element::e5m2);
    for (int i = 0; i < 16; ++i) to[i] = values[bytes[i]];
  } else if (element == Element::s8) {
    const auto* bytes = reinterpret_cast<const std::int8_t*>(words);
    for (int i = 0; i < 16; ++i) to[i] = bytes[i];
  } else {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(words);
    for (int i = 0; i < 16; ++i) to[i] = bytes[i];
  }
}

}  // namespace halyard::simulator
