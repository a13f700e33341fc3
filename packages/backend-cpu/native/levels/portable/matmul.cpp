#include "floats.h"

#include "../shared/matmul_kernels.h"

namespace halyard::cpu {

extern const MatmulKernels matmul_portable = HALYARD_MATMUL_KERNELS("portable");

}  // namespace halyard::cpu
