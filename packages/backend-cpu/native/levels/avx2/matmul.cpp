#include "floats.h"

#include "../shared/matmul_kernels.h"

namespace halyard::cpu {

extern const MatmulKernels matmul_avx2 = HALYARD_MATMUL_KERNELS("avx2");

}  // namespace halyard::cpu
