#pragma once

#include <vector>

#include "syntax.h"

namespace halyard::simulator {

/// A move of one register into another of the same kind.
bool is_plain_move(const Statement& statement);

/// For each register of a function: whether an asynchronous matrix product writes it, or it is a copy of such a one.
std::vector<bool> registers_of_products(const FunctionSyntax& function);

}  // namespace halyard::simulator
