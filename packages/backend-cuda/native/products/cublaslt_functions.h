#pragma once

#include "../driver/types.h"
#include "cublaslt_types.h"

/// All functions of cuBLASLt that are called: FUNCTION(member, symbol, result, parameters). As in NVIDIA's reference of
/// "cublasLt.h"; checked against that header by test/cublaslt-headers.test.ts.
#define HALYARD_CUBLASLT_FUNCTIONS(FUNCTION)                                                                          \
  FUNCTION(property, cublasLtGetProperty, BlasStatus, (LibraryProperty, int*))                                        \
  FUNCTION(status_text, cublasLtGetStatusString, const char*, (BlasStatus))                                           \
  FUNCTION(create, cublasLtCreate, BlasStatus, (BlasHandle*))                                                         \
  FUNCTION(destroy, cublasLtDestroy, BlasStatus, (BlasHandle))                                                        \
  FUNCTION(product_create, cublasLtMatmulDescCreate, BlasStatus, (ProductDescriptor*, ComputeType, ElementType))      \
  FUNCTION(product_destroy, cublasLtMatmulDescDestroy, BlasStatus, (ProductDescriptor))                               \
  FUNCTION(product_set, cublasLtMatmulDescSetAttribute, BlasStatus,                                                   \
           (ProductDescriptor, ProductAttribute, const void*, std::size_t))                                           \
  FUNCTION(layout_create, cublasLtMatrixLayoutCreate, BlasStatus,                                                     \
           (MatrixLayout*, ElementType, std::uint64_t, std::uint64_t, std::int64_t))                                  \
  FUNCTION(layout_destroy, cublasLtMatrixLayoutDestroy, BlasStatus, (MatrixLayout))                                   \
  FUNCTION(layout_set, cublasLtMatrixLayoutSetAttribute, BlasStatus,                                                  \
           (MatrixLayout, LayoutAttribute, const void*, std::size_t))                                                 \
  FUNCTION(preference_create, cublasLtMatmulPreferenceCreate, BlasStatus, (Preference*))                              \
  FUNCTION(preference_destroy, cublasLtMatmulPreferenceDestroy, BlasStatus, (Preference))                             \
  FUNCTION(preference_set, cublasLtMatmulPreferenceSetAttribute, BlasStatus,                                          \
           (Preference, PreferenceAttribute, const void*, std::size_t))                                               \
  FUNCTION(suggest, cublasLtMatmulAlgoGetHeuristic, BlasStatus,                                                       \
           (BlasHandle, ProductDescriptor, MatrixLayout, MatrixLayout, MatrixLayout, MatrixLayout, Preference, int,   \
            ProductSuggestion*, int*))                                                                                \
  FUNCTION(multiply, cublasLtMatmul, BlasStatus,                                                                      \
           (BlasHandle, ProductDescriptor, const void*, const void*, MatrixLayout, const void*, MatrixLayout,         \
            const void*, const void*, MatrixLayout, void*, MatrixLayout, const ProductAlgorithm*, void*, std::size_t, \
            DriverStream))

namespace halyard::cuda {

struct CublasLtFunctions {
#define HALYARD_CUBLASLT_MEMBER(member, symbol, result, parameters) result(*member) parameters = nullptr;
  HALYARD_CUBLASLT_FUNCTIONS(HALYARD_CUBLASLT_MEMBER)
#undef HALYARD_CUBLASLT_MEMBER
};

}  // namespace halyard::cuda
