#include "../shared/row_kernels.h"

namespace halyard::cpu {

extern const RowKernels rows_neon = row_kernels("neon");

}  // namespace halyard::cpu
