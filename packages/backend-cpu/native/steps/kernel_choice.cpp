#include "kernel_choice.h"

namespace halyard::cpu {

const MatmulKernels& matmul_kernels(Level level) {
#if defined(__x86_64__)
  if (includes(level, Level::avx512)) return matmul_avx512;
  if (includes(level, Level::avx2)) return matmul_avx2;
#elif defined(__aarch64__)
  if (includes(level, Level::neon)) return matmul_neon;
#endif
  (void)level;
  return matmul_portable;
}

const QuantizedMatmulKernels& quantized_matmul_kernels(Level level, std::int64_t rows) {
  (void)rows;
#if defined(__x86_64__)
#ifndef _WIN32
  if (includes(level, Level::amx) && rows >= 16) return quantized_matmul_amx;
#endif
  if (includes(level, Level::avx512vnni)) return quantized_matmul_avx512vnni;
  if (includes(level, Level::avx2)) return quantized_matmul_avx2;
#elif defined(__aarch64__)
  if (includes(level, Level::neon_i8mm)) return quantized_matmul_neon_i8mm;
  if (includes(level, Level::neon_dot)) return quantized_matmul_neon_dot;
  if (includes(level, Level::neon)) return quantized_matmul_neon;
#endif
  (void)level;
  return quantized_matmul_portable;
}

const AttentionKernels& attention_kernels(Level level) {
#if defined(__x86_64__)
  if (includes(level, Level::avx512)) return attention_avx512;
  if (includes(level, Level::avx2)) return attention_avx2;
#elif defined(__aarch64__)
  if (includes(level, Level::neon)) return attention_neon;
#endif
  (void)level;
  return attention_portable;
}

}  // namespace halyard::cpu
