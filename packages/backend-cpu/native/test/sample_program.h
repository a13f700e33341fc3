#pragma once

#include <cstddef>
#include <vector>

#include "halyard/program.h"

namespace halyard::test {

/// y = x · 2 + b, then z = Σ y over rows, then w = softmax(y) where another step reads it: map, reduce and normalize over
/// [rows, columns], y in the workspace.
Program sample_program(std::int64_t rows, std::int64_t columns);

/// The binary form, as encodeProgram writes it.
std::vector<std::byte> encode(const Program& program);

}  // namespace halyard::test
