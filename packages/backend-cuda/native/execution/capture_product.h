#pragma once

#include <span>

#include "../products/product_library.h"

namespace halyard::cuda {

/// A graph of the driver's.
class CapturedGraph {
 public:
  CapturedGraph(DeviceContextPointer context, Graph handle) : context_(std::move(context)), handle_(handle) {}
  ~CapturedGraph();
  CapturedGraph(const CapturedGraph&) = delete;
  CapturedGraph& operator=(const CapturedGraph&) = delete;
  Graph handle() const { return handle_; }

 private:
  DeviceContextPointer context_;
  Graph handle_;
};

/// What the library submits to a stream for one product: recorded, and not done. The context is the calling thread's.
Result<std::unique_ptr<CapturedGraph>> capture_product(const DeviceContextPointer& context,
                                                       const ProductLibrary& library, const LibraryProduct& product,
                                                       std::span<const std::uint64_t> addresses);

}  // namespace halyard::cuda
