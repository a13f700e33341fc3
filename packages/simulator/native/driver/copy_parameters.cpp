#include "copy_parameters.h"

#include <algorithm>

namespace halyard::simulator {

CUDA_MEMCPY3D as_box(const CUDA_MEMCPY2D* parameters) {
  CUDA_MEMCPY3D box{};
  if (!parameters) return box;
  box.srcXInBytes = parameters->srcXInBytes;
  box.srcY = parameters->srcY;
  box.srcMemoryType = parameters->srcMemoryType;
  box.srcHost = parameters->srcHost;
  box.srcDevice = parameters->srcDevice;
  box.srcPitch = parameters->srcPitch;
  box.dstXInBytes = parameters->dstXInBytes;
  box.dstY = parameters->dstY;
  box.dstMemoryType = parameters->dstMemoryType;
  box.dstHost = parameters->dstHost;
  box.dstDevice = parameters->dstDevice;
  box.dstPitch = parameters->dstPitch;
  box.WidthInBytes = parameters->WidthInBytes;
  box.Height = parameters->Height;
  box.Depth = 1;
  return box;
}

namespace {

Endpoint endpoint(Call& call, CUmemorytype type, const void* host, CUdeviceptr device, std::uint64_t offset) {
  // Arrays of textures are not simulated.
  require(type != CU_MEMORYTYPE_ARRAY, CUDA_ERROR_NOT_SUPPORTED);
  if (type == CU_MEMORYTYPE_HOST) {
    Endpoint found = Endpoint::of_host(call.driver, host);
    found.address += offset;
    return found;
  }
  require(type == CU_MEMORYTYPE_DEVICE || type == CU_MEMORYTYPE_UNIFIED);
  Endpoint found = Endpoint::of(call.driver, device);
  require(type == CU_MEMORYTYPE_UNIFIED || !found.is_pageable());
  found.address += offset;
  return found;
}

}  // namespace

std::shared_ptr<CopyWork> make_copy(Call& call, const CUDA_MEMCPY3D* p) {
  require(p != nullptr && p->srcLOD == 0 && p->dstLOD == 0);
  CopyShape shape;
  shape.width = p->WidthInBytes;
  shape.height = p->Height;
  shape.depth = p->Depth;
  // A pitch or height of 0 means packed.
  shape.source_pitch = p->srcPitch ? p->srcPitch : p->srcXInBytes + p->WidthInBytes;
  shape.destination_pitch = p->dstPitch ? p->dstPitch : p->dstXInBytes + p->WidthInBytes;
  shape.source_slice = shape.source_pitch * (p->srcHeight ? p->srcHeight : p->srcY + p->Height);
  shape.destination_slice = shape.destination_pitch * (p->dstHeight ? p->dstHeight : p->dstY + p->Height);
  require(shape.source_pitch >= p->srcXInBytes + p->WidthInBytes);
  require(shape.destination_pitch >= p->dstXInBytes + p->WidthInBytes);
  const auto offset = [](std::uint64_t x, std::uint64_t y, std::uint64_t z, std::uint64_t pitch, std::uint64_t slice) {
    return x + y * pitch + z * slice;
  };
  Endpoint source =
      endpoint(call, p->srcMemoryType, p->srcHost, p->srcDevice,
               offset(p->srcXInBytes, p->srcY, p->srcZ, shape.source_pitch, shape.source_slice));
  Endpoint destination =
      endpoint(call, p->dstMemoryType, p->dstHost, p->dstDevice,
               offset(p->dstXInBytes, p->dstY, p->dstZ, shape.destination_pitch, shape.destination_slice));
  return std::make_shared<CopyWork>(call.driver, call.device().ordinal, std::move(destination), std::move(source),
                                    shape);
}

}  // namespace halyard::simulator
