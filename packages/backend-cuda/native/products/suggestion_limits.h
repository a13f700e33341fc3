#pragma once

#include <memory>

#include "cublaslt.h"
#include "halyard/library_product.h"

namespace halyard::cuda {

/// What the library has to keep to when it suggests how to go about a product.
class SuggestionLimits {
 public:
  /// Fails with `backend-failed` and the library's words.
  static Result<std::unique_ptr<SuggestionLimits>> make(const CublasLt& library, const LibraryProduct& product);
  ~SuggestionLimits();
  SuggestionLimits(const SuggestionLimits&) = delete;
  SuggestionLimits& operator=(const SuggestionLimits&) = delete;

  Preference handle() const { return preference_; }

 private:
  explicit SuggestionLimits(const CublasLt& library) : library_(library) {}
  Failure describe(const LibraryProduct& product);
  template <typename Value>
  Failure set(PreferenceAttribute attribute, Value value);

  const CublasLt& library_;
  Preference preference_ = nullptr;
};

}  // namespace halyard::cuda
