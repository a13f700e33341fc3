#include "right_operand.h"

#include <algorithm>

#include "float_element.h"
#include "matmul_layouts.h"
#include "quantized_matmul_pack.h"

namespace halyard::cpu {
namespace {

bool is_plain(const CompileContext& context, const Operand& operand) {
  return is_float_element(context.program.type_of(operand)) && !operand.prologue && !operand.quantization;
}

bool is_constant(const CompileContext& context, const Operand& operand) {
  const std::int32_t binding = context.program.tensor_of(operand).binding;
  return binding >= 0 && context.program.bindings[static_cast<std::size_t>(binding)].role == Role::constant;
}

/// Whether the batch dimensions that vary lie evenly, so that matrix i begins at i · apart.
bool matrices_are_even(const View& view, std::int64_t& apart) {
  apart = 0;
  std::int64_t count = 1;
  for (int axis = view.rank() - 3; axis >= 0; axis--) {
    if (view.shape[axis] == 1) continue;
    if (count == 1)
      apart = view.strides[axis];
    else if (view.strides[axis] != apart * count)
      return false;
    count *= view.shape[axis];
  }
  return true;
}

std::int64_t stride_n(const View& view) {
  return view.shape.back() > 1 ? view.strides[view.rank() - 1] : 1;
}
std::int64_t stride_k(const View& view) {
  return view.shape[view.rank() - 2] > 1 ? view.strides[view.rank() - 2] : 1;
}

/// Rows of weights in whole blocks, which `read` can dequantize.
bool is_block_rows(const CompileContext& context, const Operand& operand) {
  const Tensor& tensor = context.program.tensor_of(operand);
  const std::int64_t elements = layout_of(tensor.type).elements;
  return is_block(tensor.type) && !operand.prologue && !operand.quantization && stride_k(operand) == 1 &&
         operand.strides.back() >= 0 && operand.strides.back() % elements == 0 && operand.offset % elements == 0 &&
         operand.shape[operand.rank() - 2] % elements == 0 && !tensor.shape.empty() &&
         tensor.shape.back() % elements == 0 &&
         std::all_of(operand.strides.begin(), operand.strides.end() - 2,
                     [&](std::int64_t stride) { return stride % elements == 0; });
}

}  // namespace

RightChoice choose_form(const CompileContext& context, const Step& step, const MatmulShape& shape,
                        const MatmulKernels& kernels) {
  bool packable = true;
  bool rows = true;
  bool transposed = true;
  const Type type = context.program.type_of(*step.inputs[1]);
  for (std::size_t i = 1; i < step.inputs.size(); i++) {
    const Operand& operand = *step.inputs[i];
    std::int64_t apart;
    const bool plain = is_plain(context, operand);
    packable = packable && plain && is_constant(context, operand) && matrices_are_even(operand, apart);
    rows = rows && plain && context.program.type_of(operand) == type && stride_n(operand) == 1;
    transposed = transposed && plain && context.program.type_of(operand) == type && stride_k(operand) == 1;
  }
  if (packable) return {RightForm::packed, FloatForm::float32};
  FloatForm form = FloatForm::float32;
  if (type == Type::float16) form = FloatForm::float16;
  if (type == Type::bfloat16) form = FloatForm::bfloat16;
  if (rows && shape.rows() <= FloatProduct::few_rows(kernels, RightForm::rows)) return {RightForm::rows, form};
  if (transposed && shape.rows() <= FloatProduct::few_rows(kernels, RightForm::transposed)) {
    return {RightForm::transposed, form};
  }
  return {RightForm::read, FloatForm::float32};
}

RightOperand::RightOperand(const CompileContext& context, const Operand& operand, const MatmulShape& shape,
                           const MatmulKernels& kernels, RightForm form)
    : tensor_(&context.program.tensor_of(operand)), view_(operand), shape_(shape), kernels_(kernels), form_(form) {
  if (form == RightForm::packed) {
    matrices_are_even(operand, apart_);
    MatrixSource source{tensor_->type, tensor_->offset,   operand.offset,    shape.n,
                        shape.k,       stride_n(operand), stride_k(operand), apart_ == 0 ? 1 : shape.batch,
                        apart_};
    packed_ = context.packed.request({tensor_->binding}, float_layout(source, kernels.columns),
                                     static_cast<std::size_t>(float_layout_bytes(source, kernels.columns)));
    return;
  }
  const bool direct = is_plain(context, operand) && (stride_n(operand) == 1 || stride_k(operand) == 1);
  if (form == RightForm::read && !direct && !is_block_rows(context, operand)) {
    reader_ = std::make_unique<OperandReader>(context, operand);
  }
}

const std::byte* RightOperand::element(const Frame& frame, std::int64_t index) const {
  const TypeLayout& layout = layout_of(tensor_->type);
  return address(frame, *tensor_) + index / layout.elements * layout.bytes;
}

RightMatrix RightOperand::matrix(const Frame& frame, std::int64_t batch) const {
  switch (form_) {
    case RightForm::packed: {
      const std::int64_t matrix = apart_ == 0 ? 0 : batch;
      return {frame.packed[packed_] + matrix * FloatProduct::packed_bytes(kernels_, shape_.n, shape_.k), 0};
    }
    case RightForm::rows:
      return {element(frame, matrix_offset(view_, batch)), view_.strides[view_.rank() - 2]};
    case RightForm::transposed:
      return {element(frame, matrix_offset(view_, batch)), view_.strides[view_.rank() - 1]};
    case RightForm::read:
      break;
  }
  return {};
}

std::int64_t RightOperand::buffer_bytes() const {
  return is_block(tensor_->type) ? kernels_.columns * shape_.k * 4 : 0;
}

void RightOperand::read(const Frame& frame, std::int64_t batch, std::int64_t column, std::int64_t count, float* buffer,
                        float* panels) const {
  if (reader_ || is_block(tensor_->type)) {
    for (std::int64_t first = 0; first < count; first += kernels_.columns) {
      const int width = static_cast<int>(std::min<std::int64_t>(kernels_.columns, count - first));
      read_panel(frame, batch, column + first, width, buffer, panels + first * shape_.k);
    }
    return;
  }
  const std::int64_t start = matrix_offset(view_, batch);
  const std::int64_t across = stride_n(view_);
  const std::int64_t along = stride_k(view_);
  FloatForm form = FloatForm::float32;
  if (tensor_->type == Type::float16) form = FloatForm::float16;
  if (tensor_->type == Type::bfloat16) form = FloatForm::bfloat16;
  const std::byte* from = element(frame, start + column * across);
  if (across == 1) {
    kernels_.pack(form, shape_.k, count, from, along, panels);
  } else {
    kernels_.pack_transposed(form, shape_.k, count, from, across, panels);
  }
}

void RightOperand::read_panel(const Frame& frame, std::int64_t batch, std::int64_t column, int count, float* buffer,
                              float* panel) const {
  if (reader_) {
    for (std::int64_t row = 0; count < kernels_.columns && row < shape_.k; row++) {
      std::fill_n(panel + row * kernels_.columns + count, kernels_.columns - count, 0.0f);
    }
    reader_->read(frame, batch, 0, column, static_cast<int>(shape_.k), count, panel, kernels_.columns);
    return;
  }
  const std::int64_t start = matrix_offset(view_, batch);
  for (int j = 0; j < count; j++) {
    dequantize_row(*block_format(tensor_->type), element(frame, start + (column + j) * view_.strides.back()), shape_.k,
                   buffer + j * shape_.k);
  }
  kernels_.pack_transposed(FloatForm::float32, shape_.k, count, buffer, shape_.k, panel);
}

}  // namespace halyard::cpu
