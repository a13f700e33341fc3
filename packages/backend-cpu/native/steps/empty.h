#pragma once

#include "../execution/step_kernel.h"

namespace halyard::cpu {

/// A step over nothing.
class EmptyKernel : public StepKernel {
 public:
  void run(const Frame&, int, int, int) const override {}
  Description describe() const override { return {"nothing", {}, "a dimension is empty"}; }
};

}  // namespace halyard::cpu
