#include <string>

#include "halyard/decoder.h"
#include "validate_step.h"

namespace halyard {
namespace {

Failure bad(std::string found, std::string expected) {
  return Error{"bad-program", std::move(found), std::move(expected),
               "This is a fault of the compiler that made the program; report it with the output of graph.explain()."};
}

Failure check_tensor(const Program& program, std::size_t index) {
  const Tensor& tensor = program.tensors[index];
  std::string name = "tensor " + std::to_string(index);
  if (tensor.binding < Tensor::nowhere || tensor.binding >= static_cast<std::int32_t>(program.bindings.size()))
    return bad(name + " in binding " + std::to_string(tensor.binding),
               "a binding below " + std::to_string(program.bindings.size()));
  if (tensor.binding == Tensor::nowhere) return std::nullopt;
  std::int64_t room = tensor.binding >= 0 ? program.bindings[static_cast<std::size_t>(tensor.binding)].bytes
                                          : program.workspace_bytes;
  if (tensor.offset < 0 || tensor.bytes > room || tensor.offset > room - tensor.bytes)
    return bad(name + " of " + std::to_string(tensor.bytes) + " bytes at offset " + std::to_string(tensor.offset),
               "to lie within " + std::to_string(room) + " bytes");
  if (!is_block(tensor.type) && tensor.offset % layout_of(tensor.type).bytes != 0)
    return bad(name + " at offset " + std::to_string(tensor.offset),
               "a multiple of its element's " + std::to_string(layout_of(tensor.type).bytes) + " bytes");
  return std::nullopt;
}

}  // namespace

Failure validate(const Program& program) {
  if (program.workspace_bytes < 0) return bad("a workspace of negative size", "at least 0 bytes");
  for (const Binding& binding : program.bindings)
    if (binding.bytes < 0) return bad("binding " + binding.name + " of negative size", "at least 0 bytes");
  for (std::size_t index = 0; index < program.tensors.size(); index++)
    if (Failure failure = check_tensor(program, index)) return failure;
  for (std::size_t index = 0; index < program.steps.size(); index++) {
    const Step& step = program.steps[index];
    for (std::int32_t before : step.after)
      if (before < 0 || before >= static_cast<std::int32_t>(index))
        return bad("step " + std::to_string(index) + " waits for step " + std::to_string(before), "an earlier step");
    if (Complaint complaint = check_step(program, step))
      return bad("step " + std::to_string(index) + " (" + step.kind_name + "): " + complaint->found,
                 complaint->expected);
  }
  if (program.tuning.size() != program.steps.size())
    return bad(std::to_string(program.tuning.size()) + " configurations for " + std::to_string(program.steps.size()) +
                   " steps",
               "one for each step");
  return std::nullopt;
}

}  // namespace halyard
