#pragma once

#include <memory>
#include <span>

#include "../execution/step_kernel.h"
#include "../packing/layouts.h"

namespace halyard::cpu {

/// Matmul: float32 products (`float_matmul.cpp`), or int8 ones of block-quantized weights (`quantized_matmul.cpp`).
std::unique_ptr<StepKernel> make_matmul(const CompileContext& context, const Step& step);

/// Layouts of constants that matmuls ask for.
std::span<const Layout> matmul_layouts();

}  // namespace halyard::cpu
