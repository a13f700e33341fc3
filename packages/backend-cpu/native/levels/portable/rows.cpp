#include "../shared/row_kernels.h"

namespace halyard::cpu {

extern const RowKernels rows_portable = row_kernels("portable");

}  // namespace halyard::cpu
