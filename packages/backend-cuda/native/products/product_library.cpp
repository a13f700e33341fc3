#include "product_library.h"

#include <cstring>

#include "suggestion_limits.h"

namespace halyard::cuda {
namespace {

constexpr const char* digits = "0123456789abcdef";

std::string to_text(const ProductAlgorithm& algorithm) {
  std::string text;
  const auto* bytes = reinterpret_cast<const unsigned char*>(&algorithm);
  for (std::size_t i = 0; i < sizeof(algorithm); i++) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

/// False for what `to_text` did not write.
bool from_text(const std::string& text, ProductAlgorithm& algorithm) {
  if (text.size() != 2 * sizeof(algorithm)) return false;
  auto* bytes = reinterpret_cast<unsigned char*>(&algorithm);
  for (std::size_t i = 0; i < text.size(); i++) {
    const char* digit = std::strchr(digits, text[i]);
    if (digit == nullptr || *digit == 0) return false;
    bytes[i / 2] = static_cast<unsigned char>(bytes[i / 2] << 4 | (digit - digits));
  }
  return true;
}

/// The library's question about an operand that has no address yet: any that is aligned as the operand is.
DeviceAddress example_address(std::int64_t alignment) { return static_cast<DeviceAddress>(alignment); }

}  // namespace

Result<std::shared_ptr<const ProductLibrary>> ProductLibrary::open(DeviceContextPointer context,
                                                                   const std::string& path) {
  auto library = CublasLt::load(path);
  if (!library) return library.error();
  const CurrentContext current(*context);
  if (Failure failure = context->check("cuCtxPushCurrent", current.status())) return *failure;
  BlasHandle handle = nullptr;
  if (Failure failure =
          check_blas(*library.value(), "cublasLtCreate", library.value()->functions().create(&handle)))
    return *failure;
  return std::shared_ptr<const ProductLibrary>(
      new ProductLibrary(std::move(context), std::move(library.value()), handle));
}

ProductLibrary::~ProductLibrary() {
  if (context_->is_hung()) return;
  const CurrentContext current(*context_);
  library_->functions().destroy(handle_);
}

Result<ProductPlan> ProductLibrary::plan(const LibraryProduct& product) const {
  const CurrentContext current(*context_);
  if (Failure failure = context_->check("cuCtxPushCurrent", current.status())) return *failure;
  auto description = ProductDescription::make(*library_, product);
  if (!description) return description.error();
  if (product.has_bias)
    if (Failure failure = description.value()->set_bias(example_address(product.bias_alignment))) return *failure;
  auto limits = SuggestionLimits::make(*library_, product);
  if (!limits) return limits.error();
  ProductSuggestion suggestion;
  int count = 0;
  const ProductDescription& described = *description.value();
  const BlasStatus status =
      library_->functions().suggest(handle_, described.operation(), described.a(), described.b(), described.d(),
                                    described.d(), limits.value()->handle(), 1, &suggestion, &count);
  const bool is_refused = status == blas_status::not_supported || (status == blas_status::success && count == 0);
  if (is_refused || (status == blas_status::success && suggestion.state != blas_status::success))
    return Error{"unsupported", "no algorithm of cuBLASLt's for this product", "one that it has",
                 "Let Halyard's own kernels multiply."};
  if (Failure failure = check_blas(*library_, "cublasLtMatmulAlgoGetHeuristic", status)) return *failure;
  return ProductPlan{static_cast<std::int64_t>(suggestion.workspace_bytes), to_text(suggestion.algorithm),
                     suggestion.waves};
}

Failure ProductLibrary::multiply(const LibraryProduct& product, std::span<const std::uint64_t> addresses,
                                 DriverStream stream) const {
  ProductAlgorithm algorithm;
  if (!from_text(product.algorithm, algorithm))
    return Error{"bad-program", "an algorithm that cuBLASLt did not suggest", "one of its own",
                 "Compile the program anew."};
  auto description = ProductDescription::make(*library_, product);
  if (!description) return description.error();
  auto pointer = [&addresses](std::size_t at, std::int64_t offset) {
    return reinterpret_cast<void*>(addresses[at] + static_cast<std::uint64_t>(offset));
  };
  if (product.has_bias)
    if (Failure failure =
            description.value()->set_bias(addresses[3] + static_cast<std::uint64_t>(product.bias_offset)))
      return failure;
  const bool is_integer = product.compute == ProductCompute::int32;
  const float float_factors[] = {1, 0};
  const std::int32_t integer_factors[] = {1, 0};
  const void* alpha = is_integer ? static_cast<const void*>(&integer_factors[0]) : &float_factors[0];
  const void* beta = is_integer ? static_cast<const void*>(&integer_factors[1]) : &float_factors[1];
  void* d = pointer(2, product.d.offset);
  const ProductDescription& described = *description.value();
  const BlasStatus status = library_->functions().multiply(
      handle_, described.operation(), alpha, pointer(0, product.a.offset), described.a(), pointer(1, product.b.offset),
      described.b(), beta, d, described.d(), d, described.d(), &algorithm,
      product.workspace_bytes > 0 ? pointer(addresses.size() - 1, 0) : nullptr,
      static_cast<std::size_t>(product.workspace_bytes), stream);
  return check_blas(*library_, "cublasLtMatmul", status);
}

}  // namespace halyard::cuda
