// Copies and fills.
#include "../call.h"
#include "../copy_parameters.h"
#include "../memory_work.h"

using namespace halyard::simulator;

namespace {

enum class Side { device, host, unified };

Endpoint endpoint(Call& call, Side side, std::uint64_t address) {
  if (side == Side::host) return Endpoint::of_host(call.driver, reinterpret_cast<const void*>(address));
  Endpoint found = Endpoint::of(call.driver, address);
  // An address of pageable memory is none that a device knows.
  require(side == Side::unified || !found.is_pageable());
  return found;
}

/// Copies that touch pageable memory do not return before they have read, or written, all of it.
void submit_copy(Call& call, std::shared_ptr<CopyWork> work, CUstream handle) {
  const auto stream = call.stream(handle);
  if (!stream->capture) work->stage();
  const bool writes_pageable = work->destination().is_pageable();
  const OperationPointer operation = submit(call.driver, *stream, std::move(work));
  if (operation && writes_pageable) wait_for(call.driver, call.lock, operation);
}

CUresult copy(const char* function, Side to_side, std::uint64_t to, Side from_side, std::uint64_t from,
              std::size_t bytes) {
  return enter(function, [&](Call& call) {
    if (bytes == 0) return;
    call.run_now(std::make_shared<CopyWork>(call.driver, call.device().ordinal, endpoint(call, to_side, to),
                                            endpoint(call, from_side, from), CopyShape{bytes}));
  });
}

CUresult copy_async(const char* function, Side to_side, std::uint64_t to, Side from_side, std::uint64_t from,
                    std::size_t bytes, CUstream stream) {
  return enter(function, [&](Call& call) {
    if (bytes == 0) return;
    submit_copy(call,
                std::make_shared<CopyWork>(call.driver, call.device().ordinal, endpoint(call, to_side, to),
                                           endpoint(call, from_side, from), CopyShape{bytes}),
                stream);
  });
}

std::uint64_t address_of(const void* memory) { return reinterpret_cast<std::uint64_t>(memory); }

CUresult fill(const char* function, const CUDA_MEMSET_NODE_PARAMS& parameters) {
  return enter(function, [&](Call& call) {
    call.run_now(std::make_shared<FillWork>(call.driver, call.device().ordinal, parameters));
  });
}

CUresult fill_async(const char* function, const CUDA_MEMSET_NODE_PARAMS& parameters, CUstream handle) {
  return enter(function, [&](Call& call) {
    const auto stream = call.stream(handle);
    submit(call.driver, *stream, std::make_shared<FillWork>(call.driver, call.device().ordinal, parameters));
  });
}

CUresult copy_box(const char* function, const CUDA_MEMCPY3D* parameters) {
  return enter(function, [&](Call& call) { call.run_now(make_copy(call, parameters)); });
}

CUresult copy_box_async(const char* function, const CUDA_MEMCPY3D* parameters, CUstream stream) {
  return enter(function, [&](Call& call) { submit_copy(call, make_copy(call, parameters), stream); });
}

}  // namespace

CUresult cuMemcpy(CUdeviceptr to, CUdeviceptr from, std::size_t bytes) {
  return copy("cuMemcpy", Side::unified, to, Side::unified, from, bytes);
}
CUresult cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  return copy_async("cuMemcpyAsync", Side::unified, to, Side::unified, from, bytes, stream);
}
CUresult cuMemcpyPeer(CUdeviceptr to, CUcontext, CUdeviceptr from, CUcontext, std::size_t bytes) {
  return copy("cuMemcpyPeer", Side::device, to, Side::device, from, bytes);
}
CUresult cuMemcpyPeerAsync(CUdeviceptr to, CUcontext, CUdeviceptr from, CUcontext, std::size_t bytes, CUstream stream) {
  return copy_async("cuMemcpyPeerAsync", Side::device, to, Side::device, from, bytes, stream);
}
CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, std::size_t bytes) {
  return copy("cuMemcpyHtoD_v2", Side::device, to, Side::host, address_of(from), bytes);
}
CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, std::size_t bytes) {
  return copy("cuMemcpyDtoH_v2", Side::host, address_of(to), Side::device, from, bytes);
}
CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, std::size_t bytes) {
  return copy("cuMemcpyDtoD_v2", Side::device, to, Side::device, from, bytes);
}
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, std::size_t bytes, CUstream stream) {
  return copy_async("cuMemcpyHtoDAsync_v2", Side::device, to, Side::host, address_of(from), bytes, stream);
}
CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  return copy_async("cuMemcpyDtoHAsync_v2", Side::host, address_of(to), Side::device, from, bytes, stream);
}
CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  return copy_async("cuMemcpyDtoDAsync_v2", Side::device, to, Side::device, from, bytes, stream);
}

CUresult cuMemcpy2D_v2(const CUDA_MEMCPY2D* parameters) {
  const CUDA_MEMCPY3D box = as_box(parameters);
  return copy_box("cuMemcpy2D_v2", parameters ? &box : nullptr);
}
CUresult cuMemcpy2DUnaligned_v2(const CUDA_MEMCPY2D* parameters) {
  const CUDA_MEMCPY3D box = as_box(parameters);
  return copy_box("cuMemcpy2DUnaligned_v2", parameters ? &box : nullptr);
}
CUresult cuMemcpy2DAsync_v2(const CUDA_MEMCPY2D* parameters, CUstream stream) {
  const CUDA_MEMCPY3D box = as_box(parameters);
  return copy_box_async("cuMemcpy2DAsync_v2", parameters ? &box : nullptr, stream);
}
CUresult cuMemcpy3D_v2(const CUDA_MEMCPY3D* parameters) { return copy_box("cuMemcpy3D_v2", parameters); }
CUresult cuMemcpy3DAsync_v2(const CUDA_MEMCPY3D* parameters, CUstream stream) {
  return copy_box_async("cuMemcpy3DAsync_v2", parameters, stream);
}

CUresult cuMemsetD8_v2(CUdeviceptr to, unsigned char value, std::size_t count) {
  return fill("cuMemsetD8_v2", {to, 0, value, 1, count, 1});
}
CUresult cuMemsetD16_v2(CUdeviceptr to, unsigned short value, std::size_t count) {
  return fill("cuMemsetD16_v2", {to, 0, value, 2, count, 1});
}
CUresult cuMemsetD32_v2(CUdeviceptr to, unsigned value, std::size_t count) {
  return fill("cuMemsetD32_v2", {to, 0, value, 4, count, 1});
}
CUresult cuMemsetD2D8_v2(CUdeviceptr to, std::size_t pitch, unsigned char value, std::size_t width,
                         std::size_t height) {
  return fill("cuMemsetD2D8_v2", {to, pitch, value, 1, width, height});
}
CUresult cuMemsetD2D16_v2(CUdeviceptr to, std::size_t pitch, unsigned short value, std::size_t width,
                          std::size_t height) {
  return fill("cuMemsetD2D16_v2", {to, pitch, value, 2, width, height});
}
CUresult cuMemsetD2D32_v2(CUdeviceptr to, std::size_t pitch, unsigned value, std::size_t width, std::size_t height) {
  return fill("cuMemsetD2D32_v2", {to, pitch, value, 4, width, height});
}
CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, std::size_t count, CUstream stream) {
  return fill_async("cuMemsetD8Async", {to, 0, value, 1, count, 1}, stream);
}
CUresult cuMemsetD16Async(CUdeviceptr to, unsigned short value, std::size_t count, CUstream stream) {
  return fill_async("cuMemsetD16Async", {to, 0, value, 2, count, 1}, stream);
}
CUresult cuMemsetD32Async(CUdeviceptr to, unsigned value, std::size_t count, CUstream stream) {
  return fill_async("cuMemsetD32Async", {to, 0, value, 4, count, 1}, stream);
}
CUresult cuMemsetD2D8Async(CUdeviceptr to, std::size_t pitch, unsigned char value, std::size_t width,
                           std::size_t height, CUstream stream) {
  return fill_async("cuMemsetD2D8Async", {to, pitch, value, 1, width, height}, stream);
}
CUresult cuMemsetD2D16Async(CUdeviceptr to, std::size_t pitch, unsigned short value, std::size_t width,
                            std::size_t height, CUstream stream) {
  return fill_async("cuMemsetD2D16Async", {to, pitch, value, 2, width, height}, stream);
}
CUresult cuMemsetD2D32Async(CUdeviceptr to, std::size_t pitch, unsigned value, std::size_t width, std::size_t height,
                            CUstream stream) {
  return fill_async("cuMemsetD2D32Async", {to, pitch, value, 4, width, height}, stream);
}
