#include "attention_keys.h"

#include <cstring>

#include "float_element.h"

namespace halyard::cpu {

KeyOperand::KeyOperand(const CompileContext& context, const Operand& operand)
    : tensor_(&context.program.tensor_of(operand)),
      view_(operand),
      width_(operand.shape[3]),
      reader_(context, operand),
      in_place_(is_float_element(tensor_->type) && !operand.prologue && !operand.quantization &&
                (operand.shape[3] <= 1 || operand.strides[3] == 1)) {}

KeyRows KeyOperand::rows(const Frame& frame, std::int64_t page, std::int64_t head, std::int64_t key, std::int64_t count,
                         float* buffer) const {
  if (!in_place_) {
    reader_.read(frame, page * view_.shape[1] + head, key, 0, static_cast<int>(count), static_cast<int>(width_), buffer,
                 width_);
    return {FloatForm::float32, buffer, width_};
  }
  const std::int64_t element =
      view_.offset + page * view_.strides[0] + head * view_.strides[1] + key * view_.strides[2];
  FloatForm form = FloatForm::float32;
  if (tensor_->type == Type::float16) form = FloatForm::float16;
  if (tensor_->type == Type::bfloat16) form = FloatForm::bfloat16;
  return {form, address(frame, *tensor_) + element * layout_of(tensor_->type).bytes, view_.strides[2]};
}

IndexOperand::IndexOperand(const CompileContext& context, const Step& step, std::size_t input) {
  if (input >= step.inputs.size() || !step.inputs[input]) return;
  view_ = *step.inputs[input];
  tensor_ = &context.program.tensor_of(view_);
}

std::int32_t IndexOperand::at(const Frame& frame, std::int64_t row, std::int64_t column) const {
  const std::int64_t element =
      view_.offset + row * view_.strides[0] + (view_.rank() > 1 ? column * view_.strides[1] : 0);
  std::int32_t value;
  std::memcpy(&value, address(frame, *tensor_) + element * 4, 4);
  return value;
}

}  // namespace halyard::cpu
