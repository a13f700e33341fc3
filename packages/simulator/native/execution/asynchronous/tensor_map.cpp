#include "tensor_map.h"

#include <cstring>

namespace halyard::simulator {
namespace {

constexpr std::uint32_t magic = 0x50414d54;  // "TMAP"
constexpr std::uint32_t types = 16, known_types = 13;

struct Encoded {
  std::uint32_t magic;
  std::uint8_t data_type, rank, interleave, swizzle, promotion, fill;
  std::uint8_t element_strides[TensorMap::most_dimensions];
  std::uint16_t box[TensorMap::most_dimensions];
  std::uint64_t address;
  std::uint32_t last[TensorMap::most_dimensions];  // dimensions - 1
  std::uint64_t strides[TensorMap::most_dimensions - 1];
};
static_assert(sizeof(Encoded) <= TensorMap::bytes);

}  // namespace

std::uint32_t TensorMap::element_bytes() const {
  static const std::uint32_t bytes_of[known_types] = {1, 2, 4, 4, 8, 8, 2, 4, 8, 2, 4, 4, 4};
  return data_type < known_types ? bytes_of[data_type] : 0;
}

std::uint32_t TensorMap::extent(std::uint32_t dimension) const {
  // The innermost has no stride of its own.
  return dimension == 0 ? box[0] : (box[dimension] + element_strides[dimension] - 1) / element_strides[dimension];
}

std::uint32_t TensorMap::box_bytes() const {
  std::uint32_t result = element_bytes();
  for (std::uint32_t d = 0; d < rank; ++d) result *= extent(d);
  return result;
}

std::string TensorMap::problem() const {
  if (rank == 0 || rank > most_dimensions) return "a rank of " + std::to_string(rank);
  if (data_type >= types) return "data type " + std::to_string(data_type);
  if (interleave > 2 || swizzle > 6 || promotion > 3 || out_of_bounds_fill > 1) return "an unknown mode";
  if (address % (interleave == 2 ? 32 : 16) != 0) return "a global address that is no multiple of 16";
  for (std::uint32_t d = 0; d < rank; ++d) {
    if (dimensions[d] == 0 || dimensions[d] > std::uint64_t{1} << 32)
      return "dimension " + std::to_string(d) + " of " + std::to_string(dimensions[d]) + " elements";
    if (box[d] == 0 || box[d] > 256) return "a box of " + std::to_string(box[d]) + " elements";
    if (element_strides[d] == 0 || element_strides[d] > 8)
      return "an element stride of " + std::to_string(element_strides[d]);
    if (d > 0 && (strides[d - 1] % 16 != 0 || strides[d - 1] >= std::uint64_t{1} << 40))
      return "a stride of " + std::to_string(strides[d - 1]) + " bytes";
  }
  if (is_unsupported()) return {};
  const std::uint32_t inner = box[0] * element_bytes();
  if (inner % 16 != 0) return "a box whose rows of " + std::to_string(inner) + " bytes are no multiple of 16";
  if (swizzle != 0 && inner > 16u << swizzle)
    return "a box whose rows of " + std::to_string(inner) + " bytes are longer than the swizzle of " +
           std::to_string(16u << swizzle);
  return {};
}

bool TensorMap::is_unsupported() const {
  return data_type >= known_types || interleave != 0 || swizzle > 3 || out_of_bounds_fill != 0;
}

void TensorMap::encode(std::byte* to) const {
  Encoded encoded{};
  encoded.magic = magic;
  encoded.data_type = static_cast<std::uint8_t>(data_type);
  encoded.rank = static_cast<std::uint8_t>(rank);
  encoded.interleave = static_cast<std::uint8_t>(interleave);
  encoded.swizzle = static_cast<std::uint8_t>(swizzle);
  encoded.promotion = static_cast<std::uint8_t>(promotion);
  encoded.fill = static_cast<std::uint8_t>(out_of_bounds_fill);
  encoded.address = address;
  for (std::uint32_t d = 0; d < rank; ++d) {
    encoded.element_strides[d] = static_cast<std::uint8_t>(element_strides[d]);
    encoded.box[d] = static_cast<std::uint16_t>(box[d]);
    encoded.last[d] = static_cast<std::uint32_t>(dimensions[d] - 1);
    if (d > 0) encoded.strides[d - 1] = strides[d - 1];
  }
  std::memset(to, 0, bytes);
  std::memcpy(to, &encoded, sizeof(encoded));
}

bool TensorMap::decode(const std::byte* from) {
  Encoded encoded;
  std::memcpy(&encoded, from, sizeof(encoded));
  if (encoded.magic != magic) return false;
  data_type = encoded.data_type;
  rank = encoded.rank;
  address = encoded.address;
  interleave = encoded.interleave;
  swizzle = encoded.swizzle;
  promotion = encoded.promotion;
  out_of_bounds_fill = encoded.fill;
  for (std::uint32_t d = 0; d < most_dimensions; ++d) {
    element_strides[d] = encoded.element_strides[d];
    box[d] = encoded.box[d];
    dimensions[d] = std::uint64_t{encoded.last[d]} + 1;
    if (d > 0) strides[d - 1] = encoded.strides[d - 1];
  }
  return problem().empty() && !is_unsupported();
}

}  // namespace halyard::simulator
