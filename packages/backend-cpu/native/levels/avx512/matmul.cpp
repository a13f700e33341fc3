#include "floats.h"

#include "../shared/matmul_kernels.h"

namespace halyard::cpu {

extern const MatmulKernels matmul_avx512 = HALYARD_MATMUL_KERNELS("avx512");

}  // namespace halyard::cpu
