#include "tensor_map.h"

#include <array>

namespace halyard::cuda {
namespace {

/// Of a tensor's dimensions.
constexpr std::size_t greatest_rank = 5;

TensorMapType type_of(const TensorMap& map) {
  return map.element_bytes == 1 ? TensorMapType::uint8 : map.element_bytes == 2 ? TensorMapType::uint16 : TensorMapType::uint32;
}

}  // namespace

Result<EncodedTensorMap> encode_tensor_map(DeviceContext& context, const TensorMap& map, DeviceAddress address) {
  const auto encode = context.functions().encode_tensor_map;
  if (encode == nullptr)
    return Error{"cuda:symbol-missing", "a driver without cuTensorMapEncodeTiled", "one for CUDA 12.0 or newer",
                 "Update the NVIDIA driver to version 525 or newer."};
  const std::vector<std::uint64_t> extents(map.extents.begin(), map.extents.end());
  const std::vector<std::uint64_t> strides(map.strides.begin(), map.strides.end());
  std::array<std::uint32_t, greatest_rank> element_strides;
  element_strides.fill(1);
  EncodedTensorMap result;
  const Status status = encode(&result, type_of(map), static_cast<std::uint32_t>(extents.size()),
                               reinterpret_cast<void*>(address + static_cast<std::uint64_t>(map.offset)),
                               extents.data(), strides.data(), map.box.data(), element_strides.data(),
                               TensorMapInterleave::none, TensorMapSwizzle::bytes_128, TensorMapPromotion::bytes_256,
                               TensorMapFill::zeros);
  if (Failure failure = context.check("cuTensorMapEncodeTiled", status)) return *failure;
  return result;
}

}  // namespace halyard::cuda
