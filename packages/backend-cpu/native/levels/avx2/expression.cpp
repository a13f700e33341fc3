#include "../shared/expression_kernels.h"

namespace halyard::cpu {

extern const ExpressionKernels expression_avx2 = expression_kernels("avx2");

}  // namespace halyard::cpu
