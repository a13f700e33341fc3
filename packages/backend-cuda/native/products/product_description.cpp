#include "product_description.h"

namespace halyard::cuda {
namespace {

Result<ElementType> element_type(Type type) {
  switch (type) {
    case Type::float32: return ElementType::float32;
    case Type::float16: return ElementType::float16;
    case Type::bfloat16: return ElementType::bfloat16;
    case Type::int8: return ElementType::int8;
    case Type::int32: return ElementType::int32;
    default: return Error{"bad-program", "a library product of elements that it has not", "floats, int8 and int32",
                          "Report this with the program."};
  }
}

ComputeType compute_type(ProductCompute compute) {
  switch (compute) {
    case ProductCompute::tfloat32: return ComputeType::float32_by_tfloat32;
    case ProductCompute::bfloat16: return ComputeType::float32_by_bfloat16;
    case ProductCompute::float16: return ComputeType::float32_by_float16;
    case ProductCompute::int32: return ComputeType::int32;
    default: return ComputeType::float32;
  }
}

}  // namespace

Failure check_blas(const CublasLt& library, const char* call, BlasStatus status) {
  if (status == blas_status::success) return std::nullopt;
  return Error{"backend-failed", library.describe(call, status), "a call that succeeds",
               "Leave the option products out, which has Halyard's own kernels multiply, and report this."};
}

Result<std::unique_ptr<ProductDescription>> ProductDescription::make(const CublasLt& library,
                                                                     const LibraryProduct& product) {
  std::unique_ptr<ProductDescription> description(new ProductDescription(library));
  if (Failure failure = description->describe(product)) return *failure;
  return description;
}

ProductDescription::~ProductDescription() {
  for (MatrixLayout layout : {a_, b_, d_})
    if (layout != nullptr) library_.functions().layout_destroy(layout);
  if (operation_ != nullptr) library_.functions().product_destroy(operation_);
}

Failure ProductDescription::describe(const LibraryProduct& product) {
  const bool is_integer = product.compute == ProductCompute::int32;
  const BlasStatus status =
      library_.functions().product_create(&operation_, compute_type(product.compute),
                                          is_integer ? ElementType::int32 : ElementType::float32);
  if (Failure failure = check_blas(library_, "cublasLtMatmulDescCreate", status)) return failure;
  auto operation = [](const LibraryMatrix& matrix) {
    return matrix.is_transposed ? Operation::transpose : Operation::none;
  };
  if (Failure failure = set(ProductAttribute::transpose_a, operation(product.a))) return failure;
  if (Failure failure = set(ProductAttribute::transpose_b, operation(product.b))) return failure;
  if (Failure failure = set(ProductAttribute::epilogue, product.has_bias ? Epilogue::bias : Epilogue::none))
    return failure;
  if (Failure failure = describe(a_, product.a, product.rows, product.depth, product.batches)) return failure;
  if (Failure failure = describe(b_, product.b, product.depth, product.columns, product.batches)) return failure;
  return describe(d_, product.d, product.rows, product.columns, product.batches);
}

Failure ProductDescription::describe(MatrixLayout& layout, const LibraryMatrix& matrix, std::int64_t rows,
                                     std::int64_t columns, std::int64_t batches) {
  const CublasLtFunctions& functions = library_.functions();
  const auto type = element_type(matrix.type);
  if (!type) return type.error();
  if (matrix.is_transposed) std::swap(rows, columns);
  if (Failure failure = check_blas(library_, "cublasLtMatrixLayoutCreate",
                                   functions.layout_create(&layout, type.value(), static_cast<std::uint64_t>(rows),
                                                           static_cast<std::uint64_t>(columns), matrix.leading)))
    return failure;
  if (batches == 1) return std::nullopt;
  const auto count = static_cast<std::int32_t>(batches);
  if (Failure failure = check_blas(library_, "cublasLtMatrixLayoutSetAttribute",
                                   functions.layout_set(layout, LayoutAttribute::batch_count, &count, sizeof(count))))
    return failure;
  return check_blas(library_, "cublasLtMatrixLayoutSetAttribute",
                    functions.layout_set(layout, LayoutAttribute::batch_stride, &matrix.batch_stride,
                                         sizeof(matrix.batch_stride)));
}

Failure ProductDescription::set_bias(DeviceAddress address) { return set(ProductAttribute::bias_pointer, address); }

template <typename Value>
Failure ProductDescription::set(ProductAttribute attribute, Value value) {
  return check_blas(library_, "cublasLtMatmulDescSetAttribute",
                    library_.functions().product_set(operation_, attribute, &value, sizeof(value)));
}

}  // namespace halyard::cuda
