#include "../shared/row_kernels.h"

namespace halyard::cpu {

extern const RowKernels rows_avx512 = row_kernels("avx512");

}  // namespace halyard::cpu
