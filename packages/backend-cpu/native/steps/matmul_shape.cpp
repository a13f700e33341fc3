#include "matmul_shape.h"

namespace halyard::cpu {

MatmulShape matmul_shape(const Step& step) {
  const View& a = *step.inputs[0];
  const View& b = *step.inputs[1];
  const int rank = a.rank();
  MatmulShape result{1, a.shape[rank - 2], b.shape[rank - 1], a.shape[rank - 1], 0, true};
  for (int axis = 0; axis + 2 < rank; axis++) result.batch *= a.shape[axis];
  for (std::size_t i = 1; i < step.inputs.size(); i++) {
    result.results++;
    for (int axis = 0; axis + 2 < rank; axis++) {
      if (a.shape[axis] > 1 && step.inputs[i]->strides[axis] != 0) result.shared_right = false;
    }
  }
  return result;
}

bool rows_are_even(const View& view) {
  const int rank = view.rank();
  std::int64_t expected = 0;
  std::int64_t rows = 1;
  for (int axis = rank - 2; axis >= 0; axis--) {
    const std::int64_t extent = view.shape[axis];
    if (extent == 1) continue;
    if (rows == 1)
      expected = view.strides[axis];
    else if (view.strides[axis] != expected * rows)
      return false;
    rows *= extent;
  }
  return true;
}

std::int64_t matrix_offset(const View& view, std::int64_t batch) {
  std::int64_t offset = view.offset;
  for (int axis = view.rank() - 3; axis >= 0; axis--) {
    const std::int64_t extent = view.shape[axis];
    if (extent == 0) return offset;
    offset += batch % extent * view.strides[axis];
    batch /= extent;
  }
  return offset;
}

}  // namespace halyard::cpu
