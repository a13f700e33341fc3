#pragma once

#include <memory>

#include "lines.h"

namespace halyard::cpu {

/// Whether lines, taken one by one, lie in memory, and are so few and long that threads had better share each of them.
bool is_long_softmax(const CompileContext& context, const Lines& lines);

/// Softmax, or its logarithm, of a few long lines: each thread has a stretch of each.
std::unique_ptr<StepKernel> make_long_softmax(const CompileContext& context, const Step& step, Lines lines,
                                              bool logarithm);

}  // namespace halyard::cpu
