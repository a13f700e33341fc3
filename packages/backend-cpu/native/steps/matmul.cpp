#include "matmul.h"

#include "float_matmul.h"
#include "quantized_matmul.h"

namespace halyard::cpu {

std::unique_ptr<StepKernel> make_matmul(const CompileContext& context, const Step& step) {
  const std::string accumulate = step.attributes.text("accumulate", "float32");
  if (accumulate != "float32" && accumulate != "float16" && accumulate != "bfloat16") {
    return context.refuse("a matmul that sums in " + accumulate + "; sums are float32 here");
  }
  if (is_quantized_matmul(context, step)) return make_quantized_matmul(context, step);
  return make_float_matmul(context, step);
}

}  // namespace halyard::cpu
