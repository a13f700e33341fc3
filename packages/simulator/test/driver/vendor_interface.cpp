// Compiles if the stand-in's declarations are NVIDIA's: every function's signature, and every type by size, layout and
// values. NVIDIA's cuda.h is on the path of whoever compiles it.
#include <cstddef>
#include <cstdint>
#include <type_traits>

// All versions of all functions, not only those that the names without a version stand for.
#define __CUDA_API_VERSION_INTERNAL
#include <cuda.h>

#if CUDA_VERSION < 13000
#define HALYARD_NEWEST 12090
#else
#define HALYARD_NEWEST 13000
#endif

namespace ours {
#include "../../native/driver/api/types.h"
}

#define HALYARD_DRIVER_RESULT(name, value, text) \
  static_assert(ours::name == value && int(ours::name) == int(::name), #name " has another value");
#if HALYARD_NEWEST >= 13000
#include "../../native/driver/api/results.def"
#endif
#undef HALYARD_DRIVER_RESULT

// With NVIDIA's types in place of ours the declared type has to be the very type of NVIDIA's function.
template <int Since, typename Ours, typename Theirs>
constexpr bool same() {
  return Since > HALYARD_NEWEST || std::is_same_v<Ours, Theirs>;
}
#if HALYARD_NEWEST >= 13000
#define HALYARD_DRIVER_FUNCTION(name, since, parameters) \
  static_assert(same<since, CUresult parameters, decltype(::name)>(), #name " has another signature");
#include "../../native/driver/api/functions.def"
#undef HALYARD_DRIVER_FUNCTION
#endif
