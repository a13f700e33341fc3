#include "../shared/expression_kernels.h"

namespace halyard::cpu {

extern const ExpressionKernels expression_avx512 = expression_kernels("avx512");

}  // namespace halyard::cpu
