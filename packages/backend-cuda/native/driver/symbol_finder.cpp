#include "symbol_finder.h"

#include <algorithm>
#include <string>

namespace halyard::cuda {
namespace {

/// The signatures in functions.h are those of CUDA 12.0, also where later releases have newer ones.
constexpr int signature_version = 12000;

/// `cuMemAlloc` of `cuMemAlloc_v2`.
std::string plain_name(const std::string& symbol) {
  const std::size_t at = symbol.rfind("_v");
  const bool has_version = at != std::string::npos && at + 2 < symbol.size() &&
                           symbol.find_first_not_of("0123456789", at + 2) == std::string::npos;
  return has_version ? symbol.substr(0, at) : symbol;
}

}  // namespace

SymbolFinder::SymbolFinder(const SharedLibrary& library) : library_(library) {
  using DriverVersion = Status (*)(int*);
  const auto driver_version = reinterpret_cast<DriverVersion>(library.symbol("cuDriverGetVersion"));
  get_ = reinterpret_cast<GetProcAddress>(library.symbol("cuGetProcAddress"));
  if (driver_version == nullptr || driver_version(&version_) != 0) get_ = nullptr;
  version_ = std::min(version_, signature_version);
  if (ask("cuInit") == nullptr) get_ = nullptr;
}

void* SymbolFinder::find(const char* symbol, const char* older) const {
  if (get_ != nullptr) return ask(symbol);
  void* found = library_.symbol(symbol);
  return found != nullptr ? found : library_.symbol(older);
}

void* SymbolFinder::ask(const char* symbol) const {
  void* function = nullptr;
  if (get_ == nullptr || get_(plain_name(symbol).c_str(), &function, version_, 0) != 0) return nullptr;
  return function;
}

}  // namespace halyard::cuda
