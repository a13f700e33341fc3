// The kernel of the stand-in for cuBLASLt: one thread for each element of d. Compiled behind standin_problem.h.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

static __device__ float load(unsigned long long address, int type, long long at) {
  if (type == 0) return reinterpret_cast<const float*>(address)[at];
  if (type == 2) return __half2float(reinterpret_cast<const __half*>(address)[at]);
  return __bfloat162float(reinterpret_cast<const __nv_bfloat16*>(address)[at]);
}

/// Element (row, column) of op(matrix), column-major.
static __device__ long long place(const StandinMatrix& matrix, long long batch, long long row, long long column) {
  const long long in_matrix = matrix.is_transposed ? column + row * matrix.leading : row + column * matrix.leading;
  return batch * matrix.batch_stride + in_matrix;
}

extern "C" __global__ void product(const StandinProblem problem) {
  const long long element = blockIdx.x * static_cast<long long>(blockDim.x) + threadIdx.x;
  if (element >= problem.rows * problem.columns * problem.batches) return;
  const long long row = element % problem.rows;
  const long long column = element / problem.rows % problem.columns;
  const long long batch = element / (problem.rows * problem.columns);
  const long long to = place(problem.d, batch, row, column);
  if (problem.d.type == 10) {
    int sum = 0;
    for (long long k = 0; k < problem.depth; ++k)
      sum += reinterpret_cast<const signed char*>(problem.a.address)[place(problem.a, batch, row, k)] *
             reinterpret_cast<const signed char*>(problem.b.address)[place(problem.b, batch, k, column)];
    reinterpret_cast<int*>(problem.d.address)[to] = sum;
    return;
  }
  float sum = 0;
  for (long long k = 0; k < problem.depth; ++k)
    sum = fmaf(load(problem.a.address, problem.a.type, place(problem.a, batch, row, k)),
               load(problem.b.address, problem.b.type, place(problem.b, batch, k, column)), sum);
  if (problem.bias != 0) sum += load(problem.bias, problem.d.type, row);
  if (problem.d.type == 0)
    reinterpret_cast<float*>(problem.d.address)[to] = sum;
  else if (problem.d.type == 2)
    reinterpret_cast<__half*>(problem.d.address)[to] = __float2half_rn(sum);
  else
    reinterpret_cast<__nv_bfloat16*>(problem.d.address)[to] = __float2bfloat16_rn(sum);
}
