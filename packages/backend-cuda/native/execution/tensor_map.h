#pragma once

#include "device_context.h"
#include "halyard/kernels.h"

namespace halyard::cuda {

/// What the driver makes of a view of memory at `address`, for bulk copies whose rows of 128 bytes are swizzled. Fails
/// with `cuda:symbol-missing` where the driver cannot (before CUDA 12.0), or as `DeviceContext::check` says.
Result<EncodedTensorMap> encode_tensor_map(DeviceContext& context, const TensorMap& map, DeviceAddress address);

}  // namespace halyard::cuda
