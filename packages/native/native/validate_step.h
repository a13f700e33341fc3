#pragma once

#include <optional>
#include <string>

#include "halyard/program.h"

namespace halyard {

struct ComplaintText {
  std::string found;
  std::string expected;
};
using Complaint = std::optional<ComplaintText>;

/// Views, expressions, and the shapes that the step's kind asks for.
Complaint check_step(const Program& program, const Step& step);

/// Whether the view stays within its tensor.
Complaint check_view(const Program& program, const View& view, const std::string& name);

/// Argument numbers, results, and the shapes of inputs; `domain` is the shape of what the expression is applied to.
Complaint check_expression(const Program& program, const Expression& expression, const Extents& domain, int values,
                           int results, const std::string& name);

}  // namespace halyard
