#pragma once

#include <memory>

#include "cublaslt.h"
#include "halyard/library_product.h"

namespace halyard::cuda {

/// A product as the library's own descriptors.
class ProductDescription {
 public:
  /// Fails with `backend-failed` and the library's words.
  static Result<std::unique_ptr<ProductDescription>> make(const CublasLt& library, const LibraryProduct& product);
  ~ProductDescription();
  ProductDescription(const ProductDescription&) = delete;
  ProductDescription& operator=(const ProductDescription&) = delete;

  /// Before a suggestion is asked for, an address with no more than its alignment counts.
  Failure set_bias(DeviceAddress address);

  ProductDescriptor operation() const { return operation_; }
  MatrixLayout a() const { return a_; }
  MatrixLayout b() const { return b_; }
  MatrixLayout d() const { return d_; }

 private:
  explicit ProductDescription(const CublasLt& library) : library_(library) {}
  Failure describe(const LibraryProduct& product);
  Failure describe(MatrixLayout& layout, const LibraryMatrix& matrix, std::int64_t rows, std::int64_t columns,
                   std::int64_t batches);
  template <typename Value>
  Failure set(ProductAttribute attribute, Value value);

  const CublasLt& library_;
  ProductDescriptor operation_ = nullptr;
  MatrixLayout a_ = nullptr;
  MatrixLayout b_ = nullptr;
  MatrixLayout d_ = nullptr;
};

/// `backend-failed` with the library's words, or nothing for a success.
Failure check_blas(const CublasLt& library, const char* call, BlasStatus status);

}  // namespace halyard::cuda
