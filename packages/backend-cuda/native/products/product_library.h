#pragma once

#include <span>

#include "../execution/device_context.h"
#include "product_description.h"

namespace halyard::cuda {

/// How the library would go about a product.
struct ProductPlan {
  std::int64_t workspace_bytes = 0;
  /// Bytes of its own that it wants back for the product itself.
  std::string algorithm;
  /// How often the device is filled with blocks.
  float waves = 0;
};

/// cuBLASLt on one device.
class ProductLibrary {
 public:
  /// Fails as `CublasLt::load` does, or with `backend-failed`.
  static Result<std::shared_ptr<const ProductLibrary>> open(DeviceContextPointer context, const std::string& path);
  ~ProductLibrary();
  ProductLibrary(const ProductLibrary&) = delete;
  ProductLibrary& operator=(const ProductLibrary&) = delete;

  /// The first that the library suggests. Fails with `unsupported` where it has nothing for such a product.
  Result<ProductPlan> plan(const LibraryProduct& product) const;
  /// Submits a product to a stream. The context is the calling thread's.
  ///
  /// @param addresses of the launch's arguments, without the offsets that the product adds to them
  Failure multiply(const LibraryProduct& product, std::span<const std::uint64_t> addresses, DriverStream stream) const;

 private:
  ProductLibrary(DeviceContextPointer context, std::shared_ptr<const CublasLt> library, BlasHandle handle)
      : context_(std::move(context)), library_(std::move(library)), handle_(handle) {}

  DeviceContextPointer context_;
  std::shared_ptr<const CublasLt> library_;
  BlasHandle handle_;
};

}  // namespace halyard::cuda
