#include "cublaslt.h"

#include <map>
#include <mutex>

#include "../driver/shared_library.h"

namespace halyard::cuda {
namespace {

/// That of CUDA 11.8, the oldest that is supported.
constexpr int least_major = 11;
constexpr int least_minor = 11;
constexpr const char* expected = "cuBLASLt 11.11 or newer, whole";

Error missing(std::string found) {
  return {"cuda:cublaslt-missing", std::move(found), expected,
          "Install it, for example with `pip install nvidia-cublas`, or name its file in HALYARD_CUBLASLT."};
}

}  // namespace

Result<std::shared_ptr<const CublasLt>> CublasLt::load(const std::string& path) {
  static auto* mutex = new std::mutex;
  static auto* known = new std::map<std::string, std::shared_ptr<const CublasLt>>;
  std::lock_guard lock(*mutex);
  auto& library = (*known)[path];
  if (library) return library;
  auto opened = open(path);
  if (opened) library = opened.value();
  return opened;
}

Result<std::shared_ptr<const CublasLt>> CublasLt::open(const std::string& path) {
  auto library = SharedLibrary::open(path);
  if (!library) return missing(library.error().found);
  auto result = std::make_shared<CublasLt>();
  CublasLtFunctions& functions = result->functions_;
  std::string absent;
#define HALYARD_CUBLASLT_FIND(member, symbol_name, type, parameters)                                       \
  functions.member = reinterpret_cast<decltype(functions.member)>(library.value().symbol(#symbol_name));   \
  if (functions.member == nullptr) absent += (absent.empty() ? "" : ", ") + std::string(#symbol_name);
  HALYARD_CUBLASLT_FUNCTIONS(HALYARD_CUBLASLT_FIND)
#undef HALYARD_CUBLASLT_FIND
  // A library that is too old says so better than by what it lacks.
  if (functions.property != nullptr) {
    if (functions.property(LibraryProperty::major_version, &result->major_) != blas_status::success ||
        functions.property(LibraryProperty::minor_version, &result->minor_) != blas_status::success ||
        functions.property(LibraryProperty::patch_level, &result->patch_) != blas_status::success)
      return missing(path + ", which does not tell its version");
    if (result->major_ < least_major || (result->major_ == least_major && result->minor_ < least_minor))
      return Error{"cuda:cublaslt-too-old", path + ", which is cuBLASLt " + result->version_text(), expected,
                   "Update it, for example with `pip install --upgrade nvidia-cublas`."};
  }
  if (!absent.empty()) return missing(path + " without " + absent);
  return std::shared_ptr<const CublasLt>(std::move(result));
}

std::string CublasLt::version_text() const {
  return std::to_string(major_) + "." + std::to_string(minor_) + "." + std::to_string(patch_);
}

std::string CublasLt::describe(const char* call, BlasStatus status) const {
  const char* text = functions_.status_text(status);
  return std::string(call) + " failed: " + (text != nullptr ? text : "no description") + " (" +
         std::to_string(status) + ")";
}

}  // namespace halyard::cuda
