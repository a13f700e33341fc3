#include "floats.h"

#include "../shared/attention_kernels.h"

namespace halyard::cpu {

extern const AttentionKernels attention_neon = HALYARD_ATTENTION_KERNELS("neon");

}  // namespace halyard::cpu
