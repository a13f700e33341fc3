// The level's vectors come first: the kernels are written in terms of them.
// clang-format off
#include "floats.h"
#include "../shared/attention_kernels.h"
// clang-format on

namespace halyard::cpu {

extern const AttentionKernels attention_avx512 = HALYARD_ATTENTION_KERNELS("avx512");

}  // namespace halyard::cpu
