#include "floats.h"

#include "../shared/matmul_kernels.h"

namespace halyard::cpu {

extern const MatmulKernels matmul_neon = HALYARD_MATMUL_KERNELS("neon");

}  // namespace halyard::cpu
