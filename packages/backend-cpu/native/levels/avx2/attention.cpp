#include "floats.h"

#include "../shared/attention_kernels.h"

namespace halyard::cpu {

extern const AttentionKernels attention_avx2 = HALYARD_ATTENTION_KERNELS("avx2");

}  // namespace halyard::cpu
