#include "floats.h"

#include "../shared/attention_kernels.h"

namespace halyard::cpu {

extern const AttentionKernels attention_portable = HALYARD_ATTENTION_KERNELS("portable");

}  // namespace halyard::cpu
