#include "floats.h"

#include "../shared/attention_kernels.h"

namespace halyard::cpu {

extern const AttentionKernels attention_avx512 = HALYARD_ATTENTION_KERNELS("avx512");

}  // namespace halyard::cpu
