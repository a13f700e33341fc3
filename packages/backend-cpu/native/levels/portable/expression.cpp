#include "../shared/expression_kernels.h"

namespace halyard::cpu {

extern const ExpressionKernels expression_portable = expression_kernels("portable");

}  // namespace halyard::cpu
