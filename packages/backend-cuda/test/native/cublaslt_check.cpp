// Compiles if what native/products declares is what NVIDIA's cublasLt.h declares. Never run.
#include <cublasLt.h>
#include <cuda.h>

#include <cstddef>

#include "../../native/products/cublaslt_functions.h"
#include "same_signature.h"

namespace halyard::cuda {

SAME(BlasHandleObject, std::remove_pointer_t<cublasLtHandle_t>)
SAME(ProductDescriptorObject, std::remove_pointer_t<cublasLtMatmulDesc_t>)
SAME(MatrixLayoutObject, std::remove_pointer_t<cublasLtMatrixLayout_t>)
SAME(PreferenceObject, std::remove_pointer_t<cublasLtMatmulPreference_t>)
SAME(StreamHandle, std::remove_pointer_t<CUstream>)
SAME(ProductAlgorithm, cublasLtMatmulAlgo_t)
SAME(ProductSuggestion, cublasLtMatmulHeuristicResult_t)

#define CHECK_CUBLASLT(member, symbol, result, parameters) \
  static_assert(Signature<decltype(CublasLtFunctions::member), decltype(&::symbol)>::value, #symbol);
HALYARD_CUBLASLT_FUNCTIONS(CHECK_CUBLASLT)

CHECK_SIZE(ProductAlgorithm, cublasLtMatmulAlgo_t)
CHECK_SIZE(ProductSuggestion, cublasLtMatmulHeuristicResult_t)
CHECK_FIELD(ProductSuggestion, algorithm, cublasLtMatmulHeuristicResult_t, algo)
CHECK_FIELD(ProductSuggestion, workspace_bytes, cublasLtMatmulHeuristicResult_t, workspaceSize)
CHECK_FIELD(ProductSuggestion, state, cublasLtMatmulHeuristicResult_t, state)
CHECK_FIELD(ProductSuggestion, waves, cublasLtMatmulHeuristicResult_t, wavesCount)

CHECK_VALUE(blas_status::success, CUBLAS_STATUS_SUCCESS)
CHECK_VALUE(blas_status::not_supported, CUBLAS_STATUS_NOT_SUPPORTED)
CHECK_VALUE(LibraryProperty::major_version, MAJOR_VERSION)
CHECK_VALUE(LibraryProperty::minor_version, MINOR_VERSION)
CHECK_VALUE(LibraryProperty::patch_level, PATCH_LEVEL)
CHECK_VALUE(ElementType::float32, CUDA_R_32F)
CHECK_VALUE(ElementType::float16, CUDA_R_16F)
CHECK_VALUE(ElementType::bfloat16, CUDA_R_16BF)
CHECK_VALUE(ElementType::int8, CUDA_R_8I)
CHECK_VALUE(ElementType::int32, CUDA_R_32I)
CHECK_VALUE(ComputeType::float32, CUBLAS_COMPUTE_32F)
CHECK_VALUE(ComputeType::float32_by_float16, CUBLAS_COMPUTE_32F_FAST_16F)
CHECK_VALUE(ComputeType::float32_by_bfloat16, CUBLAS_COMPUTE_32F_FAST_16BF)
CHECK_VALUE(ComputeType::float32_by_tfloat32, CUBLAS_COMPUTE_32F_FAST_TF32)
CHECK_VALUE(ComputeType::int32, CUBLAS_COMPUTE_32I)
CHECK_VALUE(Operation::none, CUBLAS_OP_N)
CHECK_VALUE(Operation::transpose, CUBLAS_OP_T)
CHECK_VALUE(ProductAttribute::transpose_a, CUBLASLT_MATMUL_DESC_TRANSA)
CHECK_VALUE(ProductAttribute::transpose_b, CUBLASLT_MATMUL_DESC_TRANSB)
CHECK_VALUE(ProductAttribute::epilogue, CUBLASLT_MATMUL_DESC_EPILOGUE)
CHECK_VALUE(ProductAttribute::bias_pointer, CUBLASLT_MATMUL_DESC_BIAS_POINTER)
CHECK_VALUE(Epilogue::none, CUBLASLT_EPILOGUE_DEFAULT)
CHECK_VALUE(Epilogue::bias, CUBLASLT_EPILOGUE_BIAS)
CHECK_VALUE(LayoutAttribute::batch_count, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT)
CHECK_VALUE(LayoutAttribute::batch_stride, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET)
CHECK_VALUE(PreferenceAttribute::workspace_bytes, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES)
CHECK_VALUE(PreferenceAttribute::reduction_schemes, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK)
CHECK_VALUE(PreferenceAttribute::alignment_a, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES)
CHECK_VALUE(PreferenceAttribute::alignment_b, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES)
CHECK_VALUE(PreferenceAttribute::alignment_c, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES)
CHECK_VALUE(PreferenceAttribute::alignment_d, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES)
CHECK_VALUE(reduction_scheme::in_place, CUBLASLT_REDUCTION_SCHEME_INPLACE)
CHECK_VALUE(reduction_scheme::compute_type, CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE)

}  // namespace halyard::cuda
