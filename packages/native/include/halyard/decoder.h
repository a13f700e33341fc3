#pragma once

#include <cstddef>
#include <span>

#include "halyard/error.h"
#include "halyard/program.h"

namespace halyard {

/// Reads the binary form that `encodeProgram` (packages/native/src/encode-program.ts) writes. Trusts nothing: every
/// field is bounds-checked and the program is validated, so that whatever decodes can be run without reading or writing
/// outside of its bindings. Fails with `bad-program`.
Result<Program> decode_program(std::span<const std::byte> bytes);

/// The rules of the contract that keep a program inside of its memory: indices, extents, bounds of every view, shapes
/// and types by kind of step. Fails with `bad-program`.
Failure validate(const Program& program);

}  // namespace halyard
