#include "../shared/expression_kernels.h"

namespace halyard::cpu {

extern const ExpressionKernels expression_neon = expression_kernels("neon");

}  // namespace halyard::cpu
