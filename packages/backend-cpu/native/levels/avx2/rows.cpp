#include "../shared/row_kernels.h"

namespace halyard::cpu {

extern const RowKernels rows_avx2 = row_kernels("avx2");

}  // namespace halyard::cpu
