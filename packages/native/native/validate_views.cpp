#include "validate_step.h"

namespace halyard {

namespace {

std::string text_of(const Extents& extents) {
  std::string text = "[";
  for (std::size_t axis = 0; axis < extents.size(); axis++)
    text += (axis ? "," : "") + std::to_string(extents[axis]);
  return text + "]";
}

/// Elements that the tensor's bytes hold.
std::int64_t capacity(const Tensor& tensor) {
  const TypeLayout& layout = layout_of(tensor.type);
  return tensor.bytes / layout.bytes * layout.elements;
}

}  // namespace

Complaint check_view(const Program& program, const View& view, const std::string& name) {
  if (view.tensor < 0 || view.tensor >= static_cast<std::int32_t>(program.tensors.size()))
    return ComplaintText{name + " of tensor " + std::to_string(view.tensor),
                         "a tensor below " + std::to_string(program.tensors.size())};
  if (view.shape.size() != view.strides.size())
    return ComplaintText{name + " with as many strides as " + std::to_string(view.strides.size()),
                         std::to_string(view.shape.size())};
  const Tensor& tensor = program.tensor_of(view);
  if (tensor.binding == Tensor::nowhere) return ComplaintText{name + " of a tensor without memory", "a place"};
  if (is_block(tensor.type) && !tensor.shape.empty() && tensor.shape.back() % layout_of(tensor.type).elements != 0)
    return ComplaintText{name + " of a block format with rows of " + std::to_string(tensor.shape.back()),
                         "a multiple of " + std::to_string(layout_of(tensor.type).elements)};
  constexpr std::int64_t most = std::int64_t{1} << 40;
  __int128 lowest = view.offset;
  __int128 highest = view.offset;
  __int128 elements = 1;
  bool empty = false;
  for (std::size_t axis = 0; axis < view.shape.size(); axis++) {
    std::int64_t extent = view.shape[axis];
    std::int64_t stride = view.strides[axis];
    if (extent < 0 || extent > most) return ComplaintText{name + " of shape " + text_of(view.shape), "sound extents"};
    if (extent == 0) empty = true;
    elements *= extent == 0 ? 1 : extent;
    if (elements > most) return ComplaintText{name + " of shape " + text_of(view.shape), "at most 2^40 elements"};
    __int128 span = static_cast<__int128>(stride) * (extent - 1);
    (span < 0 ? lowest : highest) += span;
  }
  if (empty) return std::nullopt;
  if (lowest < 0 || highest >= capacity(tensor))
    return ComplaintText{name + " of shape " + text_of(view.shape) + " and strides " + text_of(view.strides) +
                             " at offset " + std::to_string(view.offset),
                         "to stay within the " + std::to_string(capacity(tensor)) + " elements of its tensor"};
  return std::nullopt;
}

Complaint check_expression(const Program& program, const Expression& expression, const Extents& domain, int values,
                           int results, const std::string& name) {
  for (const View& input : expression.inputs) {
    if (Complaint complaint = check_view(program, input, name + " input")) return complaint;
    if (input.shape != domain)
      return ComplaintText{name + " input of shape " + text_of(input.shape), "shape " + text_of(domain)};
  }
  auto known = static_cast<std::int32_t>(values + static_cast<int>(expression.inputs.size()));
  for (const Instruction& instruction : expression.body) {
    for (int i = 0; i < instruction.argument_count; i++) {
      std::int32_t argument = instruction.arguments[static_cast<std::size_t>(i)];
      if (argument < 0 || argument >= known)
        return ComplaintText{name + " argument " + std::to_string(argument), "a value below " + std::to_string(known)};
    }
    if (is_block(instruction.data_type))
      return ComplaintText{name + " instruction of type " + std::string(name_of(instruction.data_type)),
                           "a type of single elements"};
    if (instruction.op == ScalarOperator::coordinate &&
        (instruction.integer < 0 || instruction.integer >= static_cast<std::int64_t>(domain.size())))
      return ComplaintText{name + " coordinate of axis " + std::to_string(instruction.integer),
                           "an axis below " + std::to_string(domain.size())};
    known++;
  }
  if (static_cast<int>(expression.results.size()) < results)
    return ComplaintText{name + " with " + std::to_string(expression.results.size()) + " results",
                         std::to_string(results)};
  for (std::int32_t result : expression.results)
    if (result < 0 || result >= known)
      return ComplaintText{name + " result " + std::to_string(result), "a value below " + std::to_string(known)};
  return std::nullopt;
}

}  // namespace halyard
