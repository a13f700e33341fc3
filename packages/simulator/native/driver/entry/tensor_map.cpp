// Tensor maps for bulk copies.
#include "../../execution/asynchronous/tensor_map.h"

#include "../call.h"

using namespace halyard::simulator;

namespace {

void encode(Call& call, const char* function, const TensorMap& map, CUtensorMap* to) {
  require(to && reinterpret_cast<std::uintptr_t>(to) % TensorMap::alignment == 0);
  std::string problem = map.problem();
  const bool is_unsupported = problem.empty() && map.is_unsupported();
  if (is_unsupported) problem = "a tensor map that is interleaved, packs elements or fills with NaN is not simulated";
  if (!problem.empty()) {
    call.driver.report.find({"invalid-tensor-map", 0, function, map.address, 0, problem});
    fail(is_unsupported ? CUDA_ERROR_NOT_SUPPORTED : CUDA_ERROR_INVALID_VALUE);
  }
  map.encode(reinterpret_cast<std::byte*>(to));
}

}  // namespace

CUresult cuTensorMapEncodeTiled(CUtensorMap* to, CUtensorMapDataType type, cuuint32_t rank, void* address,
                                const cuuint64_t* dimensions, const cuuint64_t* strides, const cuuint32_t* box,
                                const cuuint32_t* element_strides, CUtensorMapInterleave interleave,
                                CUtensorMapSwizzle swizzle, CUtensorMapL2promotion promotion,
                                CUtensorMapFloatOOBfill fill) {
  return enter("cuTensorMapEncodeTiled", Needs::initialization, [&](Call& call) {
    require(dimensions && box && element_strides && (strides || rank == 1));
    TensorMap map;
    map.data_type = type;
    map.rank = rank;
    map.address = reinterpret_cast<std::uintptr_t>(address);
    for (std::uint32_t d = 0; d < std::min(rank, TensorMap::most_dimensions); ++d) {
      map.dimensions[d] = dimensions[d];
      map.box[d] = box[d];
      map.element_strides[d] = element_strides[d];
      if (d > 0) map.strides[d - 1] = strides[d - 1];
    }
    map.interleave = interleave;
    map.swizzle = swizzle;
    map.promotion = promotion;
    map.out_of_bounds_fill = fill;
    encode(call, "cuTensorMapEncodeTiled", map, to);
  });
}

CUresult cuTensorMapReplaceAddress(CUtensorMap* map, void* address) {
  return enter("cuTensorMapReplaceAddress", Needs::initialization, [&](Call& call) {
    TensorMap decoded;
    require(map && decoded.decode(reinterpret_cast<const std::byte*>(map)));
    decoded.address = reinterpret_cast<std::uintptr_t>(address);
    encode(call, "cuTensorMapReplaceAddress", decoded, map);
  });
}
