#include "zeroing.h"

#include "../execution/cuda_completion.h"

namespace halyard::cuda {

bool zero(const DeviceContextPointer& context, DeviceAddress address, std::int64_t bytes) {
  if (bytes <= 0) return true;
  const CurrentContext current(*context);
  if (context->check("cuCtxPushCurrent", current.status())) return false;
  const DriverFunctions& functions = context->functions();
  DriverStream stream = nullptr;
  if (context->check("cuStreamCreate", functions.stream_create(&stream, stream_non_blocking))) return false;
  Failure failure =
      context->check("cuMemsetD8Async", functions.fill(address, 0, static_cast<std::size_t>(bytes), stream));
  if (!failure) failure = CudaCompletion::await(context, stream);
  if (!context->is_hung()) functions.stream_destroy(stream);
  return !failure;
}

}  // namespace halyard::cuda
