// The level's vectors come first: the kernels are written in terms of them.
// clang-format off
#include "floats.h"
#include "../shared/matmul_kernels.h"
// clang-format on

namespace halyard::cpu {

extern const MatmulKernels matmul_avx512 = HALYARD_MATMUL_KERNELS("avx512");

}  // namespace halyard::cpu
