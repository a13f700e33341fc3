#include "suggestion_limits.h"

#include <utility>

#include "product_description.h"

namespace halyard::cuda {

Result<std::unique_ptr<SuggestionLimits>> SuggestionLimits::make(const CublasLt& library,
                                                                 const LibraryProduct& product) {
  std::unique_ptr<SuggestionLimits> limits(new SuggestionLimits(library));
  if (Failure failure = check_blas(library, "cublasLtMatmulPreferenceCreate",
                                   library.functions().preference_create(&limits->preference_)))
    return *failure;
  if (Failure failure = limits->describe(product)) return *failure;
  return limits;
}

SuggestionLimits::~SuggestionLimits() {
  if (preference_ != nullptr) library_.functions().preference_destroy(preference_);
}

Failure SuggestionLimits::describe(const LibraryProduct& product) {
  // Parts of sums come together in the type of the sums: what is stored narrower is rounded once.
  const bool is_narrow = product.d.type == Type::float16 || product.d.type == Type::bfloat16;
  const std::uint32_t schemes =
      is_narrow ? reduction_scheme::compute_type : reduction_scheme::compute_type | reduction_scheme::in_place;
  if (Failure failure = set(PreferenceAttribute::workspace_bytes, static_cast<std::uint64_t>(product.workspace_bytes)))
    return failure;
  if (Failure failure = set(PreferenceAttribute::reduction_schemes, schemes)) return failure;
  const std::pair<PreferenceAttribute, std::int64_t> alignments[] = {
      {PreferenceAttribute::alignment_a, product.a.alignment},
      {PreferenceAttribute::alignment_b, product.b.alignment},
      {PreferenceAttribute::alignment_c, product.d.alignment},
      {PreferenceAttribute::alignment_d, product.d.alignment},
  };
  for (const auto& [attribute, bytes] : alignments)
    if (Failure failure = set(attribute, static_cast<std::uint32_t>(bytes))) return failure;
  return std::nullopt;
}

template <typename Value>
Failure SuggestionLimits::set(PreferenceAttribute attribute, Value value) {
  return check_blas(library_, "cublasLtMatmulPreferenceSetAttribute",
                    library_.functions().preference_set(preference_, attribute, &value, sizeof(value)));
}

}  // namespace halyard::cuda
