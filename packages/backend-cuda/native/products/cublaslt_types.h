#pragma once

#include <cstddef>
#include <cstdint>

/// cuBLASLt's types, as far as they are used here: layouts and numbers are those of NVIDIA's public documentation
/// (cuBLAS Library, "Using the cuBLASLt API"), checked against `cublasLt.h` by test/cublaslt-headers.test.ts.
namespace halyard::cuda {

/// cublasStatus_t; 0 is success.
using BlasStatus = int;

struct BlasHandleObject;
struct ProductDescriptorObject;
struct MatrixLayoutObject;
struct PreferenceObject;

using BlasHandle = BlasHandleObject*;
using ProductDescriptor = ProductDescriptorObject*;
using MatrixLayout = MatrixLayoutObject*;
using Preference = PreferenceObject*;

namespace blas_status {
inline constexpr BlasStatus success = 0;
inline constexpr BlasStatus not_supported = 15;
}  // namespace blas_status

/// libraryPropertyType
enum class LibraryProperty : int { major_version = 0, minor_version = 1, patch_level = 2 };

/// cudaDataType
enum class ElementType : int { float32 = 0, float16 = 2, int8 = 3, int32 = 10, bfloat16 = 14 };

/// cublasComputeType_t
enum class ComputeType : int {
  float32 = 68,
  float32_by_float16 = 74,
  float32_by_bfloat16 = 75,
  float32_by_tfloat32 = 77,
  int32 = 72,
};

/// cublasOperation_t
enum class Operation : int { none = 0, transpose = 1 };

/// cublasLtMatmulDescAttributes_t
enum class ProductAttribute : int { transpose_a = 3, transpose_b = 4, epilogue = 7, bias_pointer = 8 };

/// cublasLtEpilogue_t
enum class Epilogue : int { none = 1, bias = 4 };

/// cublasLtMatrixLayoutAttribute_t
enum class LayoutAttribute : int { batch_count = 5, batch_stride = 6 };

/// cublasLtMatmulPreferenceAttributes_t
enum class PreferenceAttribute : int {
  workspace_bytes = 1,
  reduction_schemes = 3,
  alignment_a = 5,
  alignment_b = 6,
  alignment_c = 7,
  alignment_d = 8,
};

/// cublasLtReductionScheme_t: how parts of a sum that several blocks work on come together.
namespace reduction_scheme {
inline constexpr std::uint32_t in_place = 1;
inline constexpr std::uint32_t compute_type = 2;
}  // namespace reduction_scheme

/// cublasLtMatmulAlgo_t
struct ProductAlgorithm {
  std::uint64_t data[8] = {};
};

/// cublasLtMatmulHeuristicResult_t
struct ProductSuggestion {
  ProductAlgorithm algorithm;
  std::size_t workspace_bytes = 0;
  BlasStatus state = 0;
  float waves = 0;
  int reserved[4] = {};
};

}  // namespace halyard::cuda
